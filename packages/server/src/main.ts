import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Answerers, createAnswerers } from './agents/answerers.ts'
import { createApprovals } from './agents/tools/approvals.ts'
import { artefactTools, type SaveArtefact } from './agents/tools/artefacts.ts'
import { builtInTools } from './agents/tools/built-in/source.ts'
import { ensureAssistant } from './agents/voices.ts'
import { type Loaded, loadSettings, type Settings } from './config.ts'
import type { Core } from './core/core.ts'
import { isAboutText } from './core/events.ts'
import type { VirusScanner } from './core/ports/files.ts'
import type { Keyring } from './core/ports/keyring.ts'
import type { Mailer } from './core/ports/mailer.ts'
import type { TeamInfo } from './core/ports/teams.ts'
import type { Verifier } from './core/ports/verifier.ts'
import { createClamdScanner } from './files/clamd.ts'
import type { DiskOptions } from './files/disk.ts'
import { createHttp } from './http/http.ts'
import { statsOf } from './http/rooms/connections.ts'
import { type OpenLog, openLog, standardOutput } from './log.ts'
import { checkHealth } from './metrics/health.ts'
import { createMetrics, type Metrics } from './metrics/metrics.ts'
import { readAllowed } from './outbound/allowed.ts'
import { createGuard, type Guard } from './outbound/guard.ts'
import { createGuardedCalls, type GuardedCalls } from './outbound/guarded.ts'
import { createOperatorCalls, type OperatorCalls } from './outbound/operator.ts'
import { loadSigningKey, publicKeyDocument, SigningKeyUnusable } from './outbound/signing.ts'
import { createVerifier } from './outbound/verifier.ts'
import { createWebhooks } from './outbound/webhooks.ts'
import { createAgentsView } from './protocols/agents/view.ts'
import { createAssistant } from './protocols/assistant/view.ts'
import { level2View } from './protocols/rooms/level2/view.ts'
import { roomsView } from './protocols/rooms/view.ts'
import { tokenBowlView } from './protocols/token-bowl/view.ts'
import type { Log } from './sessions/observe.ts'
import { createSessions } from './sessions/sessions.ts'
import {
  coreSettings,
  fileFolders,
  logOptions,
  scannerAddress,
  sessionSettings,
  talkSettings,
  tlsFiles,
  trustSettings,
  verifierOptions,
} from './start/adapt.ts'
import { announce } from './start/announce.ts'
import { fail } from './start/fail.ts'
import { type Answering, openAssistant } from './start/models.ts'
import { type Opened, openCore } from './start/open.ts'
import { ownFiles } from './start/own-files.ts'
import { dieOnFaults, logFaults, reloadOnHangUp, stopOnSignals } from './start/stop.ts'
import { sweep } from './start/sweep.ts'
import { type OpenedTeams, openTeams, teamInfo, voiceOf } from './start/teams.ts'
import { openTools } from './start/tools.ts'
import { version } from './start/version.ts'
import { claimDataDir, openDataDir } from './system/data-dir.ts'
import { OperatorFault } from './system/fault.ts'
import { type Listening, listen } from './system/listen.ts'

/** Time that requests, and after them webhooks, have to end when the server stops; in milliseconds. */
const REQUEST_GRACE = 2_000
const WEBHOOK_GRACE = 2_000
/** How often sessions look after their sockets, in milliseconds. */
const TICK = 1_000

/** What one server runs on: its data, its core, and its ways out. */
async function openGround(loaded: Loaded, log: OpenLog, metrics: Metrics, address: () => string) {
  const { settings } = loaded
  const directory = resolve(settings.DATA_DIR)
  openDataDir(directory)
  const claim = claimDataDir(directory)
  const files = openFolders(settings, directory)
  const { allowed } = readAllowed(settings.OUTBOUND_ALLOW)
  const guard = createGuard({ allowed })
  const guarded = createGuardedCalls({ allowed })
  const calls = createOperatorCalls()
  const { teams, kinds } = openTeams(settings)
  const { tools, assistant } = await openAgents(loaded, log, { guarded, calls, core: () => opened.core })
  const answerers = createAnswerers(assistant.runner)
  const opened: Opened = await openCore({
    directory,
    secretKey: settings.SECRET_KEY,
    settings: coreSettings(settings, address),
    mailer: await openMailer(settings),
    files,
    scanner: openScanner(settings),
    agents: answerers.runner,
    artefactKinds: kinds,
    outbound: guard,
    verifier: openVerifier(settings, guard, log),
    commits: metrics.commits,
    onFault: logFaults(log('core')),
    onNotice: (fields, text) => log('core').info(fields, text),
  })
  const { broker, clock, keyring, search, store } = opened.core.context
  ownFiles(files.directory, store.lobby)
  broker.subscribe(metrics.hear)
  broker.subscribe(events => events.some(isAboutText) && search.wake())
  search.wake()
  const key = openSigningKey(directory, keyring)
  const webhooks = await createWebhooks({
    broker,
    clock,
    store,
    guard,
    key,
    log: log('outbound'),
    onEnded: metrics.delivered,
  })
  return {
    directory,
    core: opened.core,
    assistant: assistant.says,
    models: assistant.models,
    enterAgents: () => enterAgents(opened.core, { assistant, answerers, teams, kinds, log: log('agents') }),
    tools,
    watched: opened.watched,
    webhooks,
    webhookKey: publicKeyDocument(key),
    async close() {
      await webhooks.drain(WEBHOOK_GRACE)
      await tools.close()
      await Promise.all([guard, guarded, calls].map(way => way.close()))
      await opened.close()
      claim.release()
    },
  }
}

interface AgentPorts {
  readonly guarded: GuardedCalls
  readonly calls: OperatorCalls
  /** There before the first question. */
  readonly core: () => Core
}

/** What answers, and the tools it has. */
async function openAgents({ settings, variables }: Loaded, log: OpenLog, { guarded, calls, core }: AgentPorts) {
  const builtIn = [builtInTools(core)]
  const tools = await openTools(settings, variables, { calls: guarded, builtIn, log: log('agents') })
  const means = { sources: [tools.source], approvals: createApprovals(core), core }
  return { tools, assistant: await openAssistant(settings, calls.fetch, log('agents'), means) }
}

/** Agents save what they make with the rights of whoever asked, which the command checks. */
const saverOn =
  (core: Core): SaveArtefact =>
  draft =>
    core.execute({ kind: 'operator' }, { type: 'artefact.save', ...draft })

interface Agents extends OpenedTeams {
  readonly assistant: Answering
  readonly answerers: Answerers
  readonly log: Log
}

/** Lets everybody answer who does. Answers the teams as clients are told of them. */
async function enterAgents(
  core: Core,
  { assistant, answerers, teams, kinds, log }: Agents,
): Promise<readonly TeamInfo[]> {
  answerers.add((await ensureAssistant(core)).id, assistant.runner)
  const save = saverOn(core)
  return Promise.all(
    teams.map(async team => {
      const voice = await voiceOf(core, team, log)
      const made = kinds.teams.filter(one => one.team === team.name).map(one => artefactTools(one, save))
      answerers.add(voice.id, assistant.runnerOf(team, made))
      return teamInfo(team, voice)
    }),
  )
}

type Ground = Awaited<ReturnType<typeof openGround>>

function openSigningKey(directory: string, keyring: Keyring) {
  try {
    return loadSigningKey(directory, keyring)
  } catch (error) {
    if (error instanceof SigningKeyUnusable) throw new OperatorFault(error.message)
    throw error
  }
}

/** Folders for files that can be written to. */
function openFolders(settings: Settings, dataDir: string): DiskOptions {
  const folders = fileFolders(settings, dataDir)
  openDataDir(folders.directory, 'UPLOAD_DIR')
  openDataDir(folders.temporary, 'TEMP_DIR')
  return folders
}

function openScanner(settings: Settings): VirusScanner | null {
  const address = scannerAddress(settings)
  return address === null ? null : createClamdScanner({ address })
}

function openVerifier(settings: Settings, guard: Guard, log: OpenLog): Verifier | null {
  const options = verifierOptions(settings)
  if (!options) return null
  if (options.url !== null && !guard.mayCall(options.url))
    throw new OperatorFault(
      'ASSISTANT_VERIFY_URL leads to a private address; allowed are those that OUTBOUND_ALLOW names.',
    )
  return createVerifier(options, guard, failure =>
    log('outbound').warn({ failure }, 'could not ask ASSISTANT_VERIFY_URL; the credentials were rejected'),
  )
}

/** The mail library is loaded only where mail is sent. */
async function openMailer({ SMTP_URL: url, MAIL_FROM: from }: Settings): Promise<Mailer | null> {
  if (!url || !from) return null
  const { createSmtpMailer } = await import('./outbound/smtp.ts')
  return createSmtpMailer({ url, from })
}

/** What clients come in by. */
async function openDoors(
  settings: Settings,
  log: OpenLog,
  metrics: Metrics,
  ground: Ground & { readonly teams: readonly TeamInfo[] },
) {
  const { core, watched, webhooks, webhookKey, teams, models } = ground
  const agents = { version, teams, models, clock: core.context.clock }
  const talking = talkSettings(settings)
  const talks = createAssistant(talking)
  const sessions = createSessions({
    core,
    // The level that is asked for by name comes before the one that takes every client.
    views: [tokenBowlView, level2View, roomsView, talks.view, createAgentsView(agents)],
    settings: sessionSettings(settings),
    observer: metrics.observer,
    log: log('sessions'),
  })
  metrics.watch(() => ({
    counts: sessions.counts,
    backlog: core.backlog,
    deliveries: webhooks.queued().deliveries,
    searchLag: () => core.context.search.lag().catch(() => Number.NaN),
  }))
  const http = createHttp({
    core,
    sockets: sessions,
    agents: { teams, models },
    trust: trustSettings(settings),
    log: log('http'),
    version,
    health: () => checkHealth({ version, watched, stats: () => statsOf({ core, sockets: sessions }) }),
    metrics: metrics.text,
    apiRate: settings.API_RATE_LIMIT,
    metricsPublic: settings.METRICS_PUBLIC,
    webhookKey,
    assistant: {
      ...talking,
      model: models.standard,
      tally: talks.tally,
      tools: ground.tools.shown,
      maxSessions: settings.BEDROCK_MAX_SESSIONS,
      sessionTimeout: settings.BEDROCK_SESSION_TIMEOUT,
    },
  })
  await sessions.start()
  return { sessions, http }
}

/** Starts the server. Resolves when it is ready. */
async function start(loaded: Loaded, log: OpenLog): Promise<void> {
  const { settings } = loaded
  const metrics = createMetrics()
  let listening: Listening | undefined
  const ground = await openGround(loaded, log, metrics, () => listening?.url ?? '')
  const teams = await ground.enterAgents()
  const { sessions, http } = await openDoors(settings, log, metrics, { ...ground, teams })
  await ground.core.recover()
  listening = await listen({
    host: settings.HOST,
    port: settings.PORT,
    tls: tlsFiles(settings),
    onRequest: http.listener,
    onUpgrade: (request, socket, head) => sessions.upgrade(request, socket, head),
    onFault: logFaults(log('http')),
  })
  const { url, close, reloadTls } = listening
  const ticking = setInterval(() => sessions.tick(), TICK)
  const sweeping = sweep(ground.core, logFaults(log('core')))
  if (settings.TLS_KEY_FILE) reloadOnHangUp(log('server'), reloadTls)
  // A terminal that is closed hangs up, too.
  const signals = ['SIGINT', 'SIGTERM', ...(settings.TLS_KEY_FILE ? [] : (['SIGHUP'] as const))] as const
  stopOnSignals(log('server'), signals, async () => {
    const closed = close(REQUEST_GRACE)
    await ground.core.stop()
    await sessions.drain()
    clearInterval(ticking)
    await closed
    sweeping.stop()
    await ground.close()
  })
  const { core, directory, assistant } = ground
  await announce({ core, settings, directory, url, assistant, log: log('server') })
}

/** What the command line names. Throws OperatorFault for anything else on it. */
function envFile(): string | undefined {
  try {
    return parseArgs({ options: { 'env-file': { type: 'string' } } }).values['env-file']
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new OperatorFault(
      `${what}\nThe server takes --env-file FILE and nothing else; settings come from the environment.`,
    )
  }
}

try {
  const loaded = loadSettings(process.env, envFile())
  const log = openLog({ ...logOptions(loaded.settings, process.stdout.isTTY), write: standardOutput() })
  dieOnFaults(log('server'))
  for (const warning of loaded.warnings) log('server').warn({}, warning)
  await start(loaded, log)
} catch (error) {
  fail("Parley can't start.", error)
}
