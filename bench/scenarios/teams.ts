import { type Effort, type Scenario, scaled, type Variant } from './scenario.ts'
import { MODEL_PORT, TELLER } from './streams.ts'

/** Sessions that ask as soon as they are answered. */
const ASKING = 8
/** A request for nobody but who begins, and one for four others, each with something to save. */
const PLAIN = 'hello there'
const FOR_FOUR = 'plot, author, world and character'

/** What sessions of the agents protocol cost. */
export function teams(effort: Effort): Scenario {
  const times = { warmupSeconds: effort.seconds * 0.4, seconds: effort.seconds }
  const people = (users: number) => ({ users, room: (user: number) => user })
  const asking = (name: string, question: string): Variant => ({
    ...{ name, ...people(ASKING) },
    plan: { kind: 'teams', question, ...times },
  })
  const sessions = scaled(100, effort, 3)
  return {
    name: 'teams',
    title: 'Teams of agents in sessions',
    about:
      `${ASKING} people ask the books team, which answers by fixed rules and takes no time, again as soon as it is done: nobody else, then four who each save something. ` +
      `Then ${sessions} sessions with answers of a model, which is the generator, at 50 chunks a second. Then one session is asked for again and again whose answer under ` +
      'way is long. Peers know no agents.',
    durable: false,
    peers: ['parley-level2'],
    variants: [
      asking('one agent', PLAIN),
      asking('four hand-offs and tools', FOR_FOUR),
      {
        ...{ name: `${sessions} sessions × 50/s`, ...people(sessions), settings: TELLER },
        plan: {
          ...{ kind: 'streams', over: 'agents', rooms: sessions, watchersPerRoom: 1 },
          ...{ tokensPerSecond: 50, modelPort: MODEL_PORT, ...times },
        },
      },
      {
        ...{ name: 'restore', ...people(1), settings: TELLER },
        plan: { kind: 'restore', chunks: scaled(10_000, effort, 500), modelPort: MODEL_PORT, ...times },
      },
    ],
    columns: [
      { head: 'CPU µs/run', key: 'cpuMicrosPerRun', digits: 0 },
      { head: 'chunks/run', key: 'chunksPerRun', digits: 0 },
      { head: 'hand-offs/run', key: 'switchesPerRun', digits: 0 },
      { head: 'CPU µs/chunk', key: 'cpuMicrosPerChunk', digits: 1 },
      { head: 'runs/s', key: 'runsPerSecond', digits: 0 },
      { head: 'CPU %/stream', key: 'cpuPercentPerStream', digits: 2 },
      { head: 'CPU µs/chunk shown', key: 'cpuMicrosPerDelivery', digits: 1 },
      { head: 'lost', key: 'lost', digits: 0 },
      { head: 'chunk p50 ms', key: 'latencyP50', digits: 1 },
      { head: 'p99', key: 'latencyP99', digits: 1 },
      { head: 'chunks restored', key: 'restoredChunks', digits: 0 },
      { head: 'CPU ms/restore', key: 'cpuMillis', digits: 1 },
      { head: 'answer or restore p50 ms', key: 'endP50', digits: 1 },
      { head: 'p99', key: 'endP99', digits: 1 },
    ],
    notApplicable: () => undefined,
  }
}
