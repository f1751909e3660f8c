import { mkdtempSync } from 'node:fs'
import { generate, planFor } from './measure.ts'
import { beside, type Peer, startTrusting } from './peers/peer.ts'
import { agents } from './scenarios/agents.ts'
import { deepStore } from './scenarios/deep-store.ts'
import { resume } from './scenarios/resume.ts'
import type { Scenario, Variant } from './scenarios/scenario.ts'
import { stuckVariant } from './scenarios/stuck-reader.ts'
import { trafficVariant } from './scenarios/traffic.ts'
import { uploadBesideChat } from './scenarios/upload-beside-chat.ts'
import { workspace } from './workspace.ts'

/** Each planted fault, and what the bench has to say about it. `none` has to pass. */
const PLANTED: Record<string, RegExp | undefined> = {
  none: undefined,
  drop: /deliveries lost/,
  repeat: /deliveries too many/,
  reorder: /out of order|another order/,
  close: /connection \d+ /,
  error: /unexpected frame: .*planted/,
  'ack-lost': /sends without an ack|acks out of order/,
  'ack-twice': /acks out of order/,
  'mark-lost': /marks without a confirmation/,
}

/** Every reader is looked into: with 8 readers the sample is all of them. */
const variant = trafficVariant('', {
  rooms: 1,
  sendersPerRoom: 2,
  readersPerRoom: 8,
  to: 'room',
  markers: 1,
  load: { window: 8 },
  seconds: 0.5,
})

/** The same where one of the readers stops reading. */
const PLANTED_STUCK: Record<string, RegExp | undefined> = {
  none: undefined,
  'slow-drop': /messages too few/,
  'slow-repeat': /twice or out of order/,
  'slow-cut': /a guest's connection ended/,
}
const crowd = { readers: 8, guests: 1, perSecond: 200, seconds: 0.5 }
const stuck = stuckVariant('', { ...crowd, reading: { when: 'after' } })
const givenUp = stuckVariant('', { ...crowd, reading: { when: 'given up', told: '1013 Come back' } })

/** Level 2 of the rooms protocol, with the smallest of each load. */
const tiny = { seconds: 0.3, scale: 0.001 }
const rooms = trafficVariant('', {
  rooms: 2,
  sendersPerRoom: 1,
  readersPerRoom: 3,
  to: 'room',
  markers: 1,
  load: { window: 8, atMost: 500 },
  seconds: 0.5,
})
const PLANTED_ROOMS: readonly [Variant, Record<string, RegExp | undefined>][] = [
  [
    rooms,
    {
      none: undefined,
      'echo-lost': /deliveries lost/,
      'ack-lost': /sends without an ack|acks out of order/,
      'mark-lost': /marks without a confirmation/,
    },
  ],
  [
    first(resume(tiny)),
    {
      none: undefined,
      'missed-lost': /not shown messages between|missed messages for good/,
      'missed-twice': /twice or out of order/,
    },
  ],
  [first(deepStore(tiny)), { none: undefined, 'page-wrong': /another page than/, 'unread-wrong': /unread, not of/ }],
  [
    first(uploadBesideChat(tiny)),
    { none: undefined, 'piece-lost': /another checksum/, 'file-refused': /an upload failed/ },
  ],
  [
    first(agents(tiny)),
    {
      none: undefined,
      'step-lost': /saw step \d+ in place of/,
      'answer-cut': /saw another answer/,
      'answer-lost': /watchers without an answer/,
    },
  ],
]

// All at once: the load is tiny, and most of the time goes into waiting for what will never come.
const checks = await Promise.all([
  ...Object.entries(PLANTED).map(([fault, expected]) => check(fault, variant, expected)),
  ...Object.entries(PLANTED_STUCK).map(([fault, expected]) => check(fault, stuck, expected)),
  check('slow-bye', givenUp, /given up: closed by the server with 1000 bye/),
  ...PLANTED_ROOMS.flatMap(([variant, planted]) =>
    Object.entries(planted).map(([fault, expected]) => check(fault, variant, expected, roomsPeer(fault, variant))),
  ),
])
for (const { fault, faults, noticed } of checks) {
  console.log(`${noticed ? 'ok    ' : 'MISSED'} ${fault}: ${faults[0] ?? 'no faults'}`)
}
const missed = checks.filter(check => !check.noticed).length
console.log(`${checks.length} checks, ${missed} missed`)
process.exit(missed === 0 ? 0 : 1)

async function check(fault: string, variant: Variant, expected: RegExp | undefined, peer = bowlPeer(fault)) {
  const faults = await faultsFoundWith(peer, variant)
  const noticed = expected === undefined ? faults.length === 0 : faults.some(text => expected.test(text))
  return { fault: `${peer.dialect} ${variant.plan.kind} ${fault}`, faults, noticed }
}

function bowlPeer(fault: string): Peer {
  return faultyPeer('token-bowl', ['faulty.mjs', fault])
}

function roomsPeer(fault: string, { stock }: Variant): Peer {
  const { rooms, messages } = stock ?? { rooms: 1, messages: 0 }
  return faultyPeer('rooms-2', ['faulty-rooms.mjs', fault, String(rooms), String(messages)])
}

function faultyPeer(dialect: Peer['dialect'], [file = '', ...args]: readonly string[]): Peer {
  return {
    name: file,
    dialect,
    missing: () => undefined,
    start: options => startTrusting([process.execPath, beside(file), ...args], '/ws?', options),
  }
}

function first({ variants }: Scenario): Variant {
  return variants[0]!
}

async function faultsFoundWith(peer: Peer, variant: Variant): Promise<readonly string[]> {
  const directory = mkdtempSync(`${workspace()}/faulty-`)
  const options = { directory, users: variant.users, room: variant.room, durable: false }
  const server = { ...(await peer.start(options)), metrics: '/metrics' }
  try {
    const plan = planFor(variant, peer, server)
    return (await generate(directory, 'warmupSeconds' in plan ? { ...plan, warmupSeconds: 0 } : plan)).faults
  } finally {
    await server.stop()
  }
}
