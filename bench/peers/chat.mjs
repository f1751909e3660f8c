// What the peers have in common: the message object of the wire, who wrote which message, and the synced log of the
// durable runs. Nothing here touches a socket, so each peer's file shows its own way of delivering.
import { randomUUID } from 'node:crypto'
import { fdatasync, openSync, write } from 'node:fs'

const ROOM_DESCRIPTION = 'A message in the group chat that everyone in the room can read'
/** A receipt can be asked for this many messages back; older ones are forgotten, as nothing here is stored. */
const REMEMBERED = 8192

/** The user a connection speaks for. Peers believe the query string: they have no accounts and check no key. */
export function personFrom(url) {
  const query = new URL(url, 'http://peer').searchParams
  const name = query.get('user') ?? 'nobody'
  return { id: idOf(name), name, room: query.get('room') ?? 'lobby' }
}

/** As long as a real id, and the same for the same name without a table of people. */
function idOf(name) {
  return `00000000-0000-4000-8000-${name.padStart(12, '0')}`
}

/** The same object as Parley sends, key for key and as long. Validates nothing. */
export function messageFrom(person, frame) {
  const to = frame.to_username ?? null
  return {
    id: randomUUID(),
    from_user_id: person.id,
    from_username: person.name,
    from_user_logo: null,
    from_user_emoji: null,
    from_user_bot: false,
    to_user_id: to === null ? null : idOf(to),
    to_username: to,
    content: frame.content,
    message_type: to === null ? 'room' : 'direct',
    description: to === null ? ROOM_DESCRIPTION : `A direct message that only ${to} can read, sent by ${person.name}`,
    timestamp: new Date().toISOString(),
  }
}

/** Remembers the author of the newest messages, so that a mark can be relayed as a receipt. */
export function createAuthors() {
  const names = new Map()
  return {
    remember(message) {
      names.set(message.id, message.from_username)
      if (names.size > REMEMBERED) names.delete(names.keys().next().value)
    },
    of: id => names.get(id),
  }
}

/**
 * `store(message, then)`: calls `then` at once, or, with `--sync <file>`, after the message is in the file and the file
 * is synced. While one sync runs the next group gathers, so many messages share a sync. Nothing is ever read back.
 */
export function createStore(file = argument('--sync')) {
  if (file === undefined) return (_message, then) => then()
  const log = openSync(file, 'a')
  let gathering = []
  let committing = false

  function commit() {
    committing = true
    const group = gathering
    gathering = []
    write(log, group.map(entry => `${JSON.stringify(entry.message)}\n`).join(''), writeError => {
      if (writeError) throw writeError
      fdatasync(log, syncError => {
        if (syncError) throw syncError
        committing = false
        for (const entry of group) entry.then()
        if (gathering.length > 0) commit()
      })
    })
  }

  return (message, then) => {
    gathering.push({ message, then })
    if (!committing) commit()
  }
}

/** Tells the runner where this peer listens. */
export function announce(port) {
  console.log(`listening ${port}`)
}

function argument(name) {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
