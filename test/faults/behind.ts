import { membersOf } from './cast.ts'
import type { Violation } from './checker/violation.ts'
import { check, checkReturned, headsOf } from './checker.ts'
import { examine } from './examine.ts'
import { newHistory, noteSending, noteStored } from './history.ts'
import type { Member } from './load/actor.ts'
import { openSluggard } from './load/sluggard.ts'
import { openWire } from './load/wire.ts'
import { within } from './load/within.ts'
import { newPlace } from './place.ts'
import type { Plant } from './planted/plants.ts'
import { type Server, startServer } from './server.ts'

export interface Behind {
  readonly violations: readonly Violation[]
  /** Messages that the slow reader was shown. */
  readonly shown: number
  /** Readers to whom the server stopped pushing. */
  readonly slow: number
}

/** 60 KiB as a frame: each of them is six bytes there, and one in the database. */
const LONGEST = '\u0001'.repeat(9_900)
/** Twice what the buffers of a loopback connection take. */
const MESSAGES = 150
const CATCH_UP = 10_000
const STORE = 20_000

/** A reader lets its socket fill up until the server stops pushing to it, then reads on while others talk on. */
export async function fallBehind(plant?: Plant): Promise<Behind> {
  using place = await newPlace()
  const members = await membersOf(place.server, ['gus', 'kate'])
  const { gus, kate } = members
  const cast = { history: newHistory(), members: [gus, kate] }
  await using server = await startServer({ ...place.server, plant })
  const heads = headsOf(await examine(server, place.server.directory, cast))
  using reader = await openSluggard(server.url, gus)
  const shout = await openShouter(server, kate, gus, cast.history)
  await shout.say(MESSAGES)
  const slow = await slowReaders(server)
  reader.read()
  await shout.say(MESSAGES)
  const given = Promise.allSettled([reader.given('kate.last', CATCH_UP), reader.given('kate.farewell', CATCH_UP)])
  await shout.end()
  await given
  const snapshot = await examine(server, place.server.directory, cast)
  const watched = { lives: [reader.life], heads }
  const violations = [...check(cast.history, snapshot, watched), ...checkReturned(snapshot, watched)]
  return { violations, shown: reader.life.shown.length, slow }
}

async function openShouter(server: Server, member: Member, to: Member, history: ReturnType<typeof newHistory>) {
  let count = 0
  let left = 0
  let done = () => {}
  const wire = await openWire(server.url, member.key, ({ message }) => {
    if (!message) return
    noteStored(history, message.id, message.content)
    if (--left === 0) done()
  })
  const send = (key: string, recipient: Member | null) => {
    const body = `${member.name}.${key} ${LONGEST}`
    noteSending(history, { sender: member.name, to: recipient?.name ?? null, body })
    wire.send({ content: body, ...(recipient && { to_username: recipient.name }) })
  }
  const stored = (messages: number) =>
    within(
      STORE,
      `storing ${messages} messages`,
      new Promise<void>(resolve => {
        left = messages
        done = resolve
      }),
    )
  return {
    /** Every third message goes to the room, the others to the one person. Resolves when all are stored. */
    say(messages: number): Promise<void> {
      const all = stored(messages)
      for (let i = 0; i < messages; i++) send(String(++count), count % 3 === 0 ? null : to)
      return all
    },
    end(): Promise<void> {
      const all = stored(2)
      send('last', to)
      send('farewell', null)
      return all
    },
  }
}

async function slowReaders({ url }: Server): Promise<number> {
  const answer = await fetch(`${url}/metrics`)
  return Number(/^parley_slow_readers(?:\{.*\})? (\d+)/m.exec(await answer.text())?.[1])
}
