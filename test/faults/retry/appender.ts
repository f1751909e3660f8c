import { createHash } from 'node:crypto'
import type { UserId } from '../../../packages/server/src/core/ids.ts'
import { openSqliteStore } from '../../../packages/server/src/stores/sqlite/store.ts'
import { createIds } from '../../../packages/server/src/system/ids.ts'

/*
 * Stores messages that their client named, until it is killed: first once more those of `repeat`, then new ones from
 * `next` on. Says `? name` before it hands a message to the store and `! name id` when the store answered.
 */
const [, , directory = '', ...numbers] = process.argv
const [next = 1, ...repeat] = numbers.map(Number)
const GROUP = 8
const SENDER = '01900000-0000-7000-8000-000000000001' as UserId

const ids = createIds()
const store = await openSqliteStore(directory)

async function makeSender(): Promise<void> {
  const user = {
    id: SENDER,
    name: 'sender',
    role: 'member',
    email: null,
    webhookUrl: null,
    logo: null,
    emoji: null,
    createdBy: null,
    createdAt: Date.now(),
    deletedAt: null,
  } as const
  // Refused from the second time on.
  await store.commit([{ type: 'user.create', user, key: null, ticket: null, at: Date.now() }])
}

async function append(names: readonly number[]): Promise<void> {
  const drafts = names.map(name => {
    const body = `message.${name}`
    const digest = createHash('sha256').update(body).digest('hex')
    return {
      type: 'message.append',
      // A client's second attempt has a new id here: only its own name for the message is the same.
      id: ids.uuid() as never,
      room: store.lobby,
      sender: SENDER,
      kind: 'text',
      body,
      replyTo: null,
      retry: { clientId: String(name), digest, onConflict: 'new' },
      conversation: null,
      run: null,
      at: Date.now(),
    } as const
  })
  process.stdout.write(names.map(name => `? ${name}\n`).join(''))
  const outcomes = await store.commit(drafts)
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.state === 'refused' || !('number' in outcome.value || 'first' in outcome.value))
      throw new Error('refused')
    const id = 'first' in outcome.value ? outcome.value.first.id : drafts[i]?.id
    process.stdout.write(`! ${names[i]} ${id}\n`)
  }
}

await makeSender()
for (let i = 0; i < repeat.length; i += GROUP) await append(repeat.slice(i, i + GROUP))
for (let name = next; ; name += GROUP) await append(Array.from({ length: GROUP }, (_, i) => name + i))
