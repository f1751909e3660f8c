import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CeilingPlan, Plan, Result } from './generator/plan.ts'
import { generatorCore, launch, serverCore } from './launch.ts'
import { announcedPort, beside, type Peer, type RunningPeer, userName } from './peers/peer.ts'
import type { Scenario, Variant } from './scenarios/scenario.ts'
import { CONTENT_LENGTH } from './scenarios/traffic.ts'
import { workspace } from './workspace.ts'

const GENERATOR = fileURLToPath(new URL('generator/main.ts', import.meta.url))
/** No single measurement takes longer; the slowest, 10,000 connections to a slow server, needs a fraction. */
const LIMIT_MS = 180_000
const CEILING_CONNECTIONS = 1000

/** What one peer did in one round. */
export type Outcome = { readonly state: 'measured'; readonly result: Result } | Failure
type Failure = { readonly state: 'failed'; readonly error: string }

/** One result of a peer in a variant: of its load alone, or beside the load without what the variant is about. */
export async function measure(scenario: Scenario, variant: Variant, peer: Peer): Promise<Outcome> {
  if (variant.beside === undefined) return once(scenario, variant, peer)
  const { plan, compare } = variant.beside
  const [without, outcome] = [await once(scenario, { ...variant, plan }, peer), await once(scenario, variant, peer)]
  if (without.state === 'failed') return without
  if (outcome.state === 'failed') return outcome
  const [a, b] = [without.result, outcome.result]
  const result = {
    ...b,
    lost: a.lost + b.lost,
    faults: [...a.faults.map(fault => `without: ${fault}`), ...b.faults],
    numbers: { ...b.numbers, ...compare(a.numbers, b.numbers) },
  }
  return { state: 'measured', result }
}

/** A fresh server, a fresh generator, one result. A server that can't do it is a result too. */
async function once(scenario: Scenario, variant: Variant, peer: Peer): Promise<Outcome> {
  const directory = mkdtempSync(`${workspace()}/${peer.name}-`)
  try {
    const server = await peer.start({
      directory,
      users: variant.users,
      room: variant.room,
      stock: variant.stock,
      recovery: variant.recovery,
      durable: scenario.durable,
      settings: variant.settings,
    })
    try {
      return { state: 'measured', result: await generate(directory, planFor(variant, peer, server)) }
    } finally {
      await server.stop()
    }
  } catch (error) {
    return { state: 'failed', error: error instanceof Error ? error.message : String(error) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The plan of a variant, pointed at a running server. */
export function planFor(variant: Variant, peer: Peer, server: RunningPeer): Plan {
  const users = Array.from({ length: variant.users }, (_, user) => user)
  return {
    ...variant.plan,
    port: server.port,
    pid: server.pid,
    dialect: peer.dialect,
    metrics: server.metrics,
    targets: users.map(user => server.target(user, variant.room(user))),
    names: users.map(userName),
  }
}

/** Runs one generator process to its end and returns what it measured. */
export async function generate(directory: string, plan: Plan): Promise<Result> {
  const [planFile, resultFile] = [`${directory}/plan.json`, `${directory}/result.json`]
  writeFileSync(planFile, JSON.stringify(plan))
  const command = [process.execPath, GENERATOR, planFile, resultFile]
  const child = launch({ command, core: generatorCore, log: `${directory}/generator.out` })
  const deadline = setTimeout(() => child.stop(), LIMIT_MS)
  const code = await child.ended
  clearTimeout(deadline)
  if (code !== 0) throw new Error(`the generator ended with ${code ?? 'a signal'}: ${child.printed().slice(-2000)}`)
  return JSON.parse(readFileSync(resultFile, 'utf8')) as Result // written by our generator
}

/** How many frames the generator can count when the other side only writes prebuilt bytes. */
export async function measureCeiling(seconds: number): Promise<Result> {
  const directory = mkdtempSync(`${workspace()}/ceiling-`)
  const command = [process.execPath, beside('blaster.mjs'), String(CONTENT_LENGTH)]
  const blaster = launch({ command, core: serverCore, log: `${directory}/peer.out` })
  try {
    const targets = Array.from({ length: CEILING_CONNECTIONS }, () => '/')
    const port = await announcedPort(blaster)
    const plan: CeilingPlan = {
      kind: 'ceiling',
      port,
      pid: blaster.pid,
      dialect: 'token-bowl',
      targets,
      names: targets,
      contentLength: CONTENT_LENGTH,
      seconds,
    }
    return await generate(directory, plan)
  } finally {
    await blaster.stop()
  }
}
