import { mkdtempSync } from 'node:fs'
import { generate, planFor } from './measure.ts'
import { beside, type Peer, startTrusting } from './peers/peer.ts'
import type { Variant } from './scenarios/scenario.ts'
import { stuckVariant } from './scenarios/stuck-reader.ts'
import { trafficVariant } from './scenarios/traffic.ts'
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

// All at once: the load is tiny, and most of the time goes into waiting for what will never come.
const checks = await Promise.all([
  ...Object.entries(PLANTED).map(([fault, expected]) => check(fault, variant, expected)),
  ...Object.entries(PLANTED_STUCK).map(([fault, expected]) => check(fault, stuck, expected)),
  check('slow-bye', givenUp, /given up: closed by the server with 1000 bye/),
])
for (const { fault, faults, noticed } of checks) {
  console.log(`${noticed ? 'ok    ' : 'MISSED'} ${fault}: ${faults[0] ?? 'no faults'}`)
}
const missed = checks.filter(check => !check.noticed).length
console.log(`${checks.length} checks, ${missed} missed`)
process.exit(missed === 0 ? 0 : 1)

async function check(fault: string, variant: Variant, expected: RegExp | undefined) {
  const faults = await faultsFoundWith(fault, variant)
  const noticed = expected === undefined ? faults.length === 0 : faults.some(text => expected.test(text))
  return { fault: `${variant.plan.kind} ${fault}`, faults, noticed }
}

async function faultsFoundWith(fault: string, variant: Variant): Promise<readonly string[]> {
  const directory = mkdtempSync(`${workspace()}/faulty-`)
  const peer: Peer = {
    name: fault,
    dialect: 'token-bowl',
    missing: () => undefined,
    start: options => startTrusting([process.execPath, beside('faulty.mjs'), fault], '/ws?', options),
  }
  const server = {
    ...(await peer.start({ directory, users: variant.users, room: variant.room, durable: false })),
    metrics: '/metrics',
  }
  try {
    const plan = { ...planFor(variant, peer, server), warmupSeconds: 0 }
    return (await generate(directory, plan)).faults
  } finally {
    await server.stop()
  }
}
