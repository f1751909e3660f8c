import { STANDARD_MODEL } from '@parley/protocol/agents/limits'
import { createAssistantRunner } from '../agents/assistant-runner.ts'
import { deciding } from '../agents/deciding.ts'
import { GUIDE_MODEL, guide } from '../agents/guide.ts'
import type { Trouble } from '../agents/models/attempts.ts'
import { createCatalog, placeOf } from '../agents/models/catalog.ts'
import {
  findModelServer,
  LOCAL_PLACES,
  type ModelPlace,
  type ModelServer,
  modelsAt,
  PROBE_TIMEOUT,
} from '../agents/models/probe.ts'
import { type Provider, secretsOf } from '../agents/models/providers.ts'
import { createTeamRunner } from '../agents/teams/runner.ts'
import { createScriptedTeam } from '../agents/teams/scripted.ts'
import type { Team } from '../agents/teams/team.ts'
import { type Approvals, noApprovals } from '../agents/tools/approval.ts'
import { hiding } from '../agents/tools/hiding.ts'
import type { ToolSource } from '../agents/tools/tool.ts'
import type { Settings } from '../config.ts'
import type { AgentRunner } from '../core/ports/agents.ts'
import type { OperatorFetch } from '../core/ports/outbound.ts'
import type { ModelNames } from '../core/ports/teams.ts'
import { later } from '../core/runs.ts'
import type { Log } from '../sessions/observe.ts'
import { systemClock } from '../system/clock.ts'
import { OperatorFault } from '../system/fault.ts'
import { paceOf, providersOf, standardOf } from './providers.ts'
import { logFaults } from './stop.ts'

/** Longest wait for the compatible server to say which models it has, in milliseconds. */
const LIST_TIMEOUT = 2_000

/** Who answers here. */
export interface Answering {
  /** As the assistant. */
  readonly runner: AgentRunner
  /** As a team, with tools of its own besides. */
  runnerOf(team: Team, own: readonly ToolSource[]): AgentRunner
  /** What people may choose from; the standard one answers unless another is asked for. */
  readonly models: ModelNames
  /** For the operator: what answers, and why. */
  readonly says: string
}

/**
 * Chooses who answers: the models that are set up, else a model server on this machine, else the guide. Throws OperatorFault
 * where the settings name a model that can't be.
 */
export async function openAssistant(
  settings: Settings,
  fetch: OperatorFetch,
  log: Log,
  { places = LOCAL_PLACES, ...means }: Partial<Means> & { readonly places?: readonly ModelPlace[] } = {},
): Promise<Answering> {
  const ground = { settings, fetch, log, means: { ...NO_TOOLS, ...means } }
  const providers = providersOf(settings)
  if (providers.length > 0) return openProviders(ground, providers)
  const server = settings.MODEL_PROBE ? await findModelServer(places, PROBE_TIMEOUT, { fetch, later }) : null
  return server ? openFound(ground, server) : openGuide(ground)
}

/** What the assistant may do besides talking. */
export interface Means {
  /** Where its tools come from, and where uses of them wait for their askers. */
  readonly sources: readonly ToolSource[]
  readonly approvals: Approvals
}

const NO_TOOLS: Means = { sources: [], approvals: noApprovals }

interface Ground {
  readonly settings: Settings
  readonly fetch: OperatorFetch
  readonly log: Log
  readonly means: Means
}

function openFound(ground: Ground, { name, url, models }: ModelServer): Answering {
  const { settings } = ground
  const provider: Provider = { kind: 'compatible', name, url, key: null, isNear: true, ...paceOf(settings) }
  refuseUnknown(settings, [provider])
  const standard = settings.MODEL_DEFAULT ?? `${name}/${models[0]}`
  return { ...modelsOf(ground, [provider], standard), says: `${standard}, found at ${url}` }
}

function openGuide(ground: Ground): Answering {
  const { settings } = ground
  refuseUnknown(settings, [])
  const found = settings.MODEL_PROBE ? ', and no model server answers on this machine' : ''
  return guided(ground, `no model is set up${found}`)
}

/** Where nothing answers that understands what is asked. */
function guided({ log, means }: Ground, why: string): Answering {
  const ports = { ...means, later, onFault: logFaults(log) }
  return {
    runner: deciding(guide, ports),
    runnerOf: (team, own) => deciding(createScriptedTeam(team, withOwn(ports, own)), withOwn(ports, own)),
    models: namesOf(GUIDE_MODEL, [], () => false),
    says: `the built-in guide: ${why}`,
  }
}

const withOwn = <P extends Means>(ports: P, own: readonly ToolSource[]): P => ({
  ...ports,
  sources: [...own, ...ports.sources],
})

const namesOf = (standard: string, others: readonly string[], has: (name: string) => boolean): ModelNames => {
  // Clients of the agents protocol name that one, whatever answers.
  const listed = [...new Set([standard, ...others, STANDARD_MODEL])]
  return { standard, listed, has: name => listed.includes(name) || has(name) }
}

async function openProviders(ground: Ground, providers: readonly Provider[]): Promise<Answering> {
  const { settings, fetch, log } = ground
  refuseUnknown(settings, providers)
  const standard = standardOf(settings, providers) ?? (await firstOf(providers, fetch))
  if (standard === undefined) {
    const text = 'nobody says which model to take; set MODEL_DEFAULT, or start again when OPENAI_COMPATIBLE_URL answers'
    log.warn({}, text)
    return guided(ground, text)
  }
  if (!placeOf(providers, standard))
    throw new OperatorFault(`${JSON.stringify(standard)} can't be the name of a model.`)
  const fallback = settings.MODEL_FALLBACK
  return {
    ...modelsOf(ground, providers, standard),
    says: fallback === null ? standard : `${standard}, else ${fallback}`,
  }
}

/** The first model that the compatible server has. */
async function firstOf(providers: readonly Provider[], fetch: OperatorFetch): Promise<string | undefined> {
  for (const provider of providers) {
    if (provider.kind !== 'compatible') continue
    const server = await modelsAt(provider, provider.key, LIST_TIMEOUT, { fetch, later })
    if (server) return `${provider.name}/${server.models[0]}`
  }
  return undefined
}

function refuseUnknown(settings: Settings, providers: readonly Provider[]): void {
  for (const setting of ['MODEL_DEFAULT', 'MODEL_FALLBACK'] as const) {
    const name = settings[setting]
    if (name === null || placeOf(providers, name)) continue
    const known = providers.map(provider => provider.name).join(', ') || 'none'
    throw new OperatorFault(`${setting} is ${JSON.stringify(name)}, which is of no provider that is set up (${known}).`)
  }
}

function modelsOf(
  { settings, fetch, log, means }: Ground,
  providers: readonly Provider[],
  standard: string,
): Omit<Answering, 'says'> {
  const { MODEL_FALLBACK: fallback, MODELS_ALLOWED: allowed, MODEL_CONTEXT: window } = settings
  const catalog = createCatalog(
    { providers, standard, fallback, allowed: allowed.length > 0 ? allowed : null, window },
    { fetch, later, now: systemClock.now },
  )
  const ports = {
    ...means,
    catalog,
    timeLimit: settings.MODEL_TIME_LIMIT * 1000,
    limits: { rounds: settings.BEDROCK_MAX_TOOL_CALL_ROUNDS, calls: settings.BEDROCK_MAX_TOOL_CALLS },
    budgets: {
      person: settings.BUDGET_PERSON_DAILY,
      room: settings.BUDGET_ROOM_DAILY,
      guests: settings.BUDGET_GUESTS_DAILY,
    },
    // For one token, of an amount for a million.
    unknownPrice: settings.BUDGET_UNKNOWN_PRICE / 1e6,
    later,
    onFault: logFaults(log),
    onTrouble: troubleTeller(log, providers.flatMap(secretsOf)),
  }
  return {
    runner: deciding(createAssistantRunner(ports), ports),
    runnerOf: (team, own) => deciding(createTeamRunner(team, withOwn(ports, own)), withOwn(ports, own)),
    models: namesOf(standard, catalog.names, catalog.has),
  }
}

// Keys as the large providers make them: they quote them, shortened, where they refuse one.
const KEY_LIKE = /\b(sk-|AIza|AKIA|ASIA)[\w*-]+/g

/** Logs what a model answered instead of an answer, without the secrets in it. */
export function troubleTeller(log: Log, secrets: readonly string[]): (trouble: Trouble) => void {
  const known = hiding(secrets)
  const hide = (text: string) => known(text).replaceAll(KEY_LIKE, '[hidden]')
  return ({ model, fault: { code, detail }, next }) => {
    const then =
      next === null ? {} : 'wait' in next ? { againIn: next.wait } : 'without' in next ? next : { instead: next.model }
    log.warn({ model, code, detail: hide(detail), ...then }, 'a model did not answer')
  }
}
