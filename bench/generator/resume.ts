import { setTimeout as sleep } from 'node:timers/promises'
import { blankContent, blankLabel, countOffsets, DIGITS, labelIn } from './content.ts'
import { type Connection, dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { frameTemplate } from './frames.ts'
import { startHighWater } from './high-water.ts'
import type { Result, ResumePlan } from './plan.ts'
import { startClock } from './proc.ts'
import { type Memory, memories } from './returning.ts'
import { createRows } from './rows.ts'
import { quantile } from './samples.ts'

const POLL_MS = 5
/** How long nothing may arrive before what is missing counts as lost. */
const PATIENCE_MS = 5_000
/** For a server to notice that clients are gone. */
const GONE_MS = 500
/** The talkers' messages in flight, over all of them. */
const WINDOW = 256

/** Clients hear one message, are cut off, miss some, and come back all at once. */
export async function resume(plan: ResumePlan): Promise<Result> {
  const trouble: string[] = []
  const talkers = await openTalkers(plan, trouble)
  const clients = Array.from({ length: plan.rooms * plan.clientsPerRoom }, (_, index) =>
    createClient(plan, index, trouble),
  )
  await dialAll(clients.length, plan.atOnce, index => clients[index]!.enter())
  await talkers.say(1)
  await settled(clients, 1)
  const unaware = clients.filter(client => client.rows.seen() !== 1).length

  for (const client of clients) client.cut()
  await sleep(GONE_MS)
  await talkers.say(plan.missed)
  talkers.leave()

  const due = 1 + plan.missed
  const memory = startHighWater(plan.pid)
  const clock = startClock(plan.pid)
  await dialAll(clients.length, plan.atOnce, index =>
    clients[index]!.enter().catch((error: Error) => void trouble.push(error.message)),
  )
  await settled(clients, due)
  const used = clock.stop()
  const { startMegabytes, highWaterMegabytes } = memory.stop()
  for (const client of clients) client.cut()

  const waits = clients.filter(client => client.rows.seen() >= due).map(client => client.waited())
  const caughtUp = Math.max(...clients.map(client => client.lastArrival())) - clock.started
  const missing = clients.reduce((total, client) => total + Math.max(0, due - client.rows.seen()), 0)
  return {
    ...used,
    seconds: caughtUp / 1000,
    lost: missing,
    faults: [
      ...faultsOf(clients, due),
      ...(unaware === 0 ? [] : [`${unaware} clients did not hear the first message once`]),
      ...trouble.slice(0, 5),
    ],
    numbers: {
      clients: clients.length,
      caughtUpSeconds: caughtUp / 1000,
      missedPerSecond: (clients.length * plan.missed) / (caughtUp / 1000),
      cpuMillisPerClient: (used.serverCpuSeconds * 1e3) / clients.length,
      cpuMicrosPerMissed: (used.serverCpuSeconds * 1e6) / (clients.length * plan.missed),
      clientP50: quantile(waits, 0.5),
      clientP99: quantile(waits, 0.99),
      startMegabytes,
      highWaterMegabytes,
      moreMegabytes: highWaterMegabytes - startMegabytes,
    },
  }
}

type Client = ReturnType<typeof createClient>

function createClient(plan: ResumePlan, index: number, trouble: string[]) {
  const dialect = dialects[plan.dialect]
  const memory: Memory = memories[plan.dialect]!()
  const rows = createRows()
  let connection: Connection | undefined
  let started = 0
  let lastArrival = 0
  let isAway = true

  function take(payload: Buffer): void {
    memory.note(payload)
    if (dialect.kind(payload) !== 'chat') return
    rows.look(labelIn(payload))
    lastArrival = performance.now()
  }

  return {
    rows,
    lastArrival: () => lastArrival,
    /** Milliseconds from the last dial to the last message. */
    waited: () => lastArrival - started,
    async enter(): Promise<void> {
      started = performance.now()
      isAway = false
      const back = { greeting: memory.greeting() ?? dialect.greeting }
      connection = await dial(
        { port: plan.port, target: plan.targets[index]!, dialect: back },
        {
          countAbove: Number.POSITIVE_INFINITY,
          early: take,
          text: take,
          read: () => {},
          closed: reason => {
            if (!isAway) trouble.push(`client ${index} ${reason}`)
          },
        },
      )
    },
    /** Goes without a word, as in a tunnel. */
    cut(): void {
      isAway = true
      connection?.destroy()
    },
  }
}

async function settled(clients: readonly Client[], due: number): Promise<void> {
  const began = performance.now()
  while (clients.some(client => client.rows.seen() < due)) {
    const last = Math.max(began, ...clients.map(client => client.lastArrival()))
    if (performance.now() - last > PATIENCE_MS) return
    await sleep(POLL_MS)
  }
  // What is too much comes late.
  await sleep(POLL_MS)
}

function faultsOf(clients: readonly Client[], due: number): string[] {
  const count = (wrong: (client: Client) => boolean): number => clients.filter(wrong).length
  const counts: [number, string][] = [
    [count(client => client.rows.seen() < due), 'clients missed messages for good'],
    [count(client => client.rows.repeats() > 0), 'clients were shown messages twice or out of order'],
    [count(client => client.rows.gaps() > 0), 'clients were not shown messages between others'],
  ]
  return counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)
}

/** One more user in each room, who writes. */
async function openTalkers(plan: ResumePlan, trouble: string[]) {
  const dialect = dialects[plan.dialect]
  const first = plan.rooms * plan.clientsPerRoom
  let said = 0
  let acked = 0
  let lastAck = 0
  const stamps = Array.from({ length: plan.rooms }, (_, room) => {
    const content = blankContent(room, plan.contentLength)
    const text = dialect.chat(content, blankLabel(room), room, undefined)
    return frameTemplate(text, countOffsets(text, room), DIGITS)
  })
  const connections = await dialAll(plan.rooms, plan.atOnce, room =>
    dial(
      { port: plan.port, target: plan.targets[first + room]!, dialect },
      {
        countAbove: Number.POSITIVE_INFINITY,
        text(payload) {
          const kind = dialect.kind(payload)
          if (kind === 'sent') {
            acked++
            lastAck = performance.now()
          }
          if (kind === 'error') trouble.push(`a talker got ${payload.toString('utf8', 0, 200)}`)
        },
        read: () => {},
        closed: reason => trouble.push(`a talker's ${reason}`),
      },
    ),
  )
  return {
    /** Has every room written `count` messages to. Resolves when they are acked, or no more acks come. */
    async say(count: number): Promise<void> {
      const due = said + count * plan.rooms
      lastAck = performance.now()
      while (acked < due && performance.now() - lastAck < PATIENCE_MS) {
        for (; said < due && said - acked < WINDOW; said++) {
          const own = Math.floor(said / plan.rooms)
          connections[said % plan.rooms]!.send(stamps[said % plan.rooms]!(own, said))
        }
        await sleep(1)
      }
      if (acked < due) trouble.push(`${due - acked} messages of the talkers without an ack`)
    },
    leave(): void {
      for (const connection of connections) connection.destroy()
    },
  }
}
