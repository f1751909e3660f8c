import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MessageId } from '../../src/core/ids.ts'
import { type Frame, openWorld, type TestClient, until, type World } from '../world.ts'
import { gatedStore, slowStore } from './stores.ts'

/** A frame and what the server says to it: a reply to compare with, or nothing. */
interface Exchange {
  readonly up: object | string
  readonly down: Frame | null
}

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const error = (text: string): Frame => ({ type: 'error', error: text })

/** All ways in which a frame can be served: stored, refused at once, after a look-up or by the store, asked, rejected. */
const exchange = (known: string): fc.Arbitrary<Exchange> =>
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 5 }).map(text => ({
      up: { content: text },
      down: {
        type: 'message_sent',
        status: 'sent',
        message: expect.objectContaining({ content: text.toWellFormed() }),
      },
    })),
    fc.constantFrom('bob', 'carol', 'BOB').map(name => ({
      up: { content: name, to_username: name },
      down: { type: 'message_sent', status: 'sent', message: expect.objectContaining({ content: name }) },
    })),
    fc.constantFrom<Exchange>(
      { up: { content: 'a', to_username: 'nobody' }, down: error('User nobody not found') },
      { up: { content: 'a', to_username: 'viewer' }, down: error('Cannot send messages to viewer user viewer') },
      { up: { content: 'x'.repeat(10_001) }, down: error('Content must be 1-10000 characters') },
      { up: { content: '' }, down: error('Missing content field') },
      {
        up: { type: 'mark_read', message_id: known },
        down: { type: 'marked_read', message_id: known, status: 'success' },
      },
      { up: { type: 'mark_read', message_id: UNKNOWN }, down: error(`Message ${UNKNOWN} not found`) },
      { up: { type: 'mark_read', message_id: 'no id' }, down: error('Message no id not found') },
      {
        up: { type: 'mark_room_read' },
        down: { type: 'marked_read', status: 'marked_read', count: expect.any(Number) },
      },
      { up: { type: 'mark_all_read' }, down: expect.objectContaining({ type: 'marked_all_read' }) },
      { up: { type: 'get_unread_count' }, down: expect.objectContaining({ type: 'unread_count' }) },
      { up: { type: 'get_users' }, down: expect.objectContaining({ type: 'users' }) },
      { up: { type: 'get_user_profile', username: 'nobody' }, down: error('User nobody not found') },
      { up: { type: 'get_messages', limit: 1 }, down: expect.objectContaining({ type: 'messages' }) },
      { up: { type: 'ping' }, down: { type: 'pong' } },
      { up: 'rubbish', down: error('Invalid JSON') },
      { up: { type: 'dance' }, down: error('Unknown message type: dance') },
      { up: { type: 'pong' }, down: null },
      { up: { type: 'typing' }, down: null },
      { up: { type: 'typing', to_username: 'nobody' }, down: null },
    ),
  )

test('[SESS-1] answers keep the order of the frames under any mix of writes, questions and refusals', async () => {
  let turns: Iterator<number> = [].values()
  const store = slowStore(() => turns.next().value ?? 0)
  await using world = await openWorld({ store })
  const alice = await world.member('alice')
  const bob = await world.connect(await world.member('bob'))
  await world.member('carol')
  await world.member('viewer', 'viewer')
  const { id } = await bob.say('to be marked')
  await fc.assert(
    fc.asyncProperty(
      fc.array(exchange(String(id)), { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(3), { maxLength: 60 }),
      async (exchanges, delays) => {
        turns = delays.values()
        const client = await world.connect(alice)
        for (const { up } of exchanges) client.send(up)
        const expected = exchanges.flatMap(({ down }) => down ?? [])
        expect(await client.take(expected.length)).toEqual(expected)
        await client.quiet()
        client.ws.close()
      },
    ),
    { seed: 1, numRuns: 60 },
  )
})

/** Messages of several people to the room and to each other, all at once; returns how many each reader is to get. */
async function talk(speakers: readonly TestClient[], script: readonly (readonly [who: number, to: string | null])[]) {
  for (const [who, to] of script) speakers[who]?.send({ content: `${who} to ${to}`, to_username: to })
}

async function numberOf(world: World, frame: Frame): Promise<number> {
  const message = await world.store.message(frame.id as MessageId) // ids of frames are message ids
  return message?.number ?? 0
}

test('[SESS-2] every reader is shown messages in the order they were stored, those of different rooms too', async () => {
  let turns: Iterator<number> = [].values()
  await using world = await openWorld({ store: slowStore(() => turns.next().value ?? 0) })
  const names = ['alice', 'bob', 'carol']
  const clients: TestClient[] = []
  for (const name of names) clients.push(await world.connect(await world.member(name)))
  const line = fc.tuple(fc.nat(2), fc.constantFrom(null, null, ...names))
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(2), { maxLength: 40 }),
      async (script, delays) => {
        turns = delays.values()
        await talk(clients, script)
        for (const [reader, client] of clients.entries()) {
          const own = script.filter(([who]) => who === reader).length
          const heard = script.filter(([who, to]) => to === names[reader] || (to === null && who !== reader)).length
          const frames = await client.take(own + heard)
          await client.quiet()
          const pushed = frames.filter(frame => frame.type === undefined)
          const numbers = await Promise.all(pushed.map(frame => numberOf(world, frame)))
          expect(numbers).toHaveLength(heard)
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        }
      },
    ),
    { seed: 1, numRuns: 60 },
  )
})

test('[SESS-6] edits and deletions are published in the order of their places, between the messages of their group', async () => {
  const store = gatedStore()
  const seqs: number[] = []
  await using world = await openWorld({ store })
  const alice = await world.member('alice')
  const send = (body: string) => world.execute(alice, { type: 'message.send', to: { at: 'lobby' }, body })
  const first = await send('first')
  const second = await send('second')
  world.core.context.broker.subscribe(events => {
    for (const event of events) if ('room' in event && 'seq' in event) seqs.push(event.seq)
  })
  const shut = store.shut()
  const all = [
    send('third'),
    world.execute('operator', { type: 'message.amend', id: first.message.id, body: 'changed' }),
    send('fourth'),
    world.execute('operator', { type: 'message.remove', id: second.message.id }),
    send('fifth'),
  ]
  await until(() => store.waiting === 1)
  shut[Symbol.dispose]()
  await Promise.all(all)
  expect(seqs).toEqual([3, 4, 5, 6, 7])
})
