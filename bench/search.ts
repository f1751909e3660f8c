import { mkdirSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { RoomId, UserId } from '../packages/server/src/core/ids.ts'
import type { Search } from '../packages/server/src/core/ports/search.ts'
import { openSqliteSearch, SEARCH_FILE } from '../packages/server/src/stores/sqlite/search/search.ts'
import { DATABASE_FILE, openSqliteStore } from '../packages/server/src/stores/sqlite/store.ts'
import { createIds } from '../packages/server/src/system/ids.ts'
import { quantile } from './generator/samples.ts'
import { machine } from './machine.ts'
import { format } from './report.ts'
import { workspace } from './workspace.ts'
import { commitAll, person } from './world/fill.ts'
import { random, roomsOf, talk, VOCABULARY, wordOf } from './world/talk.ts'

/** How fast words are found and how fast they get there: `node bench/search.ts`. No server, no peers: the search itself. */
const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
})
const messages = Number(values.messages)
const rounds = Number(values.rounds)
if (!(messages >= 1_000 && messages <= 10_000_000 && rounds >= 1 && rounds <= 20)) {
  console.error('usage: node bench/search.ts [--messages n] [--rounds n]')
  process.exit(2)
}

const ROOMS = 1_000
/** In how many rooms those are who search; the first has half of all messages. */
const READERS = [1, 50, 500] as const
const QUESTIONS = 200
const PAGE = 20
const BURST = 10_000

/** What is looked for, by ranks of words. */
const KINDS: Readonly<Record<string, (next: () => number) => string>> = {
  'rare word': next => `"${word(next, VOCABULARY / 2, VOCABULARY)}"`,
  'frequent word': next => `"${word(next, 0, 50)}"`,
  'two words': next => `${word(next, 0, 1_000)} "${word(next, 0, 1_000)}"`,
  'beginning of a word': next => word(next, 0, 5_000).slice(0, 2 + Math.floor(next() * 4)),
}
const word = (next: () => number, from: number, to: number) => wordOf(Math.floor(from + next() * (to - from)))

const megabytes = (file: string): number => statSync(file).size / 2 ** 20
const say = (text: string) => console.log(text)

for (const line of machine(['node bench/search.ts', ...process.argv.slice(2)].join(' '))) say(`- ${line}`)
const directory = `${workspace()}/search`
mkdirSync(directory, { mode: 0o700 })
const store = await openSqliteStore(directory)
const ids = createIds()
const owner = person(ids.uuid() as UserId, 'ann', Date.now()) // fresh uuids are what ids are
const rooms = Array.from({ length: ROOMS }, () => ids.uuid() as RoomId)
await commitAll(store, [{ type: 'user.create', user: owner, key: null, ticket: null, at: Date.now() }])
await commitAll(store, roomsOf(rooms, owner.id, Date.now()))
await commitAll(store, talk(rooms, owner.id, messages, 1))

const fail = (error: unknown) => {
  throw error
}
const search = openSqliteSearch(directory, { forget: async () => undefined, onRemade: () => undefined, onFault: fail })
const built = await timeToFind(search)
const sizes = [DATABASE_FILE, SEARCH_FILE].map(file => format(megabytes(`${directory}/${file}`), 0))
say(
  `\n${format(messages, 0)} messages in ${sizes[0]} MB: the index took ${format(built / 1_000, 1)} s, with its rests, and ${sizes[1]} MB.\n`,
)

say('| looked for | by somebody in | p50 ms | p99 ms | most | pages full |\n| --- | --: | --: | --: | --: | --: |')
for (const [kind, text] of Object.entries(KINDS)) for (const reader of READERS) await measure(kind, text, reader)

await commitAll(store, talk(rooms, owner.id, BURST, 2))
const late = await timeToFind(search)
say(`\nA burst of ${format(BURST, 0)} messages is found ${format(late, 0)} ms after it is stored.`)
await search.close()
await store.close()

/** How long it takes until all is found that is stored, at the pace of a server. */
async function timeToFind(search: Search): Promise<number> {
  const began = performance.now()
  search.wake()
  while ((await search.lag()) > 0) await sleep(20)
  return performance.now() - began
}

/** Asks one thing after the other, each with other words. The first quarter warms up and isn't counted. */
async function measure(kind: string, text: (next: () => number) => string, reader: number): Promise<void> {
  const mine = rooms.slice(0, reader).map(room => ({ room, above: 0 }))
  const rest = { rooms: mine, sender: null, from: null, until: null, before: null, limit: PAGE }
  const next = random(reader)
  const times: number[] = []
  let full = 0
  for (let n = -QUESTIONS / 4; n < QUESTIONS * rounds; n++) {
    const query = { text: text(next), ...rest }
    const began = performance.now()
    const { items } = await search.find(query)
    if (n < 0) continue
    times.push(performance.now() - began)
    if (items.length === PAGE) full++
  }
  const [p50, p99, most] = [0.5, 0.99, 1].map(share => format(quantile(times, share), 1))
  say(`| ${kind} | ${reader} | ${p50} | ${p99} | ${most} | ${format((100 * full) / times.length, 0)} % |`)
}
