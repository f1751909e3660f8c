import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import type { MessageId, UserId } from '../../src/core/ids.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'

/*
 * Sends messages of a user in the store of a directory. `together`: says `ready`, waits for any message and tells the
 * ordinals of 60 at the end. `forever`: tells each ordinal as it is acknowledged, until the process is killed.
 */
const [directory = '', sender = '', mode] = process.argv.slice(2)
const store = await openSqliteStore(directory)

async function send(): Promise<number> {
  const [outcome] = await store.commit([
    {
      type: 'message.append',
      id: randomUUIDv7() as string as MessageId,
      room: store.lobby,
      sender: sender as UserId,
      kind: 'text',
      body: 'from the other process',
      replyTo: null,
      retry: null,
      conversation: null,
      run: null,
      at: Date.now(),
    },
  ])
  if (outcome?.state !== 'done' || !('ordinal' in outcome.value)) throw new Error('The message was not stored')
  return outcome.value.ordinal
}

while (mode === 'forever') process.send?.(await send())

process.send?.('ready')
await once(process, 'message')
const ordinals: number[] = []
while (ordinals.length < 60) ordinals.push(await send())
process.send?.(ordinals)
await store.close()
process.disconnect?.()
