import { expect, test } from 'vitest'
import { seeded } from '../../../../../test/faults/random.ts'
import type { RoomId } from '../../../src/core/ids.ts'
import type { LogRow } from '../../../src/core/ports/store.ts'
import { openSqliteStore } from '../../../src/stores/sqlite/store.ts'
import { countedStore } from '../../sessions/stores.ts'
import { folder } from '../../system/folder.ts'
import { type Member, openWorld, type World } from '../../world.ts'
import { type Cutter, openCutter } from './follower/cutter.ts'
import { Follower } from './follower/follower.ts'
import type { Stay } from './follower/stays.ts'

const SEEDS = 2
const STEPS = 300
const LABELS = ['lobby', 'kitchen', 'garden', 'secret']

type Random = ReturnType<typeof seeded>

interface Scene {
  readonly world: World
  readonly random: Random
  readonly people: readonly { readonly member: Member; readonly clients: readonly Follower[] }[]
  readonly root: Member
  /** Messages that were confirmed to somebody, for who changes them. */
  readonly known: () => readonly string[]
}

const turn = () => new Promise(resolve => setImmediate(resolve))

async function openScene(world: World, random: Random, cutter: Cutter): Promise<Scene> {
  const url = () => `ws://127.0.0.1:${cutter.port}/api/v1/ws?v=2`
  const people: Scene['people'][number][] = []
  for (const name of ['ada', 'bob', 'eve']) {
    const member = await world.member(name)
    const clients = [1, 2].map(() => new Follower({ url, key: member.key, pause: () => random.below(20) }))
    people.push({ member, clients })
  }
  const known = () =>
    people.flatMap(({ clients }) => clients.flatMap(({ confirmed }) => [...confirmed.values()].map(({ id }) => id)))
  return { world, random, people, root: await world.member('root', 'admin'), known }
}

let said = 0
/** Lets something go on by itself, whatever comes of it. */
const passing = (work: Promise<unknown>): void => void work.catch(() => undefined)

/** Something that somebody does. What is refused, or goes down with its connection, is refused or gone. */
function act({ world, random, people, root, known }: Scene): void {
  const { clients, member } = random.pick(people)
  const client = random.pick(clients)
  const room_id = random.pick(LABELS)
  const direct = `dm:${random.pick(people).member.user.id}`
  const say = (to: string, text: string) => client.say(to, `${text} ${++said}`, `m${said}`)
  const change = (type: 'message.amend' | 'message.remove') => {
    const ids = known()
    if (ids.length > 0) passing(world.execute(root, { type, id: random.pick(ids), body: `changed ${++said}` }))
  }
  const acts: readonly (readonly [weight: number, () => unknown])[] = [
    [40, () => say(room_id, 'hello')],
    [10, () => say(direct, 'psst')],
    [4, () => say(room_id, '@assistant /repeat one two three four five six seven eight nine')],
    [
      8,
      () =>
        client.ask({ type: 'join_room', data: { room_id, room_type: room_id === 'secret' ? 'private' : 'shared' } }),
    ],
    [4, () => client.ask({ type: 'leave_room', data: { room_id } })],
    [6, () => client.ask({ type: 'read_to', data: {}, room_id })],
    [3, () => client.resume()],
    [4, () => change('message.amend')],
    [4, () => change('message.remove')],
    [
      1,
      () =>
        passing(
          world.execute(member, {
            type: 'room.change',
            ref: { by: 'label', label: room_id },
            patch: { name: `${said}` },
          }),
        ),
    ],
  ]
  let left = random.below(acts.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, perform] of acts) {
    left -= weight
    if (left < 0) return void perform()
  }
}

const SHOWN_AS: Readonly<Partial<Record<LogRow['type'], string>>> = {
  'message.sent': 'chat',
  'message.edited': 'message_edited',
  'message.deleted': 'message_deleted',
  'member.joined': 'member_joined',
  'member.left': 'member_left',
  'room.changed': 'room_changed',
  'run.started': 'run_started',
  'run.ended': 'run_ended',
}

/** What is wrong with what a client was shown of a room, by the store's own log. */
async function wrongWith({ world }: Scene, stay: Stay, goesOn: boolean): Promise<string[]> {
  const rows = await world.store.log(stay.room as RoomId, stay.first - 1, 10_000) // the server named it
  const wrong: string[] = []
  if (goesOn && rows.length !== stay.entries.length) {
    wrong.push(
      `${stay.room} from ${stay.first} on has ${rows.length} events, of which ${stay.entries.length} were shown`,
    )
  }
  for (const [i, entry] of stay.entries.entries()) {
    const row = rows[i]
    const isGone = entry.type === 'gone' && row && 'message' in row && row.message.deletedAt !== null
    const isSame = row && row.seq === entry.seq && (isGone || SHOWN_AS[row.type] === entry.type)
    const isMessage = entry.type !== 'chat' || (row && 'message' in row && row.message.id === entry.id)
    if (!isSame || !isMessage)
      wrong.push(`${stay.room}: shown was ${JSON.stringify(entry)}, stored is ${JSON.stringify(row)}`)
  }
  return wrong
}

/** What is wrong with the messages of a client that were confirmed. */
async function wrongWithConfirmed({ world }: Scene, { confirmed }: Follower): Promise<string[]> {
  const wrong: string[] = []
  for (const [clientId, { id, room, seq }] of confirmed) {
    const [row] = await world.store.log(room as RoomId, seq - 1, 1) // the server named it
    const isThere =
      row && 'message' in row && row.seq === seq && row.message.id === id && row.message.clientId === clientId
    if (!isThere) wrong.push(`${clientId} was confirmed at ${room} ${seq}, where ${JSON.stringify(row)} is`)
  }
  return wrong
}

async function wrongAtTheEnd(scene: Scene): Promise<string[]> {
  const wrong: string[] = []
  for (const { member, clients } of scene.people) {
    for (const client of clients) {
      wrong.push(
        ...client.faults.map(fault => `${member.user.name}: ${fault}`),
        ...(await wrongWithConfirmed(scene, client)),
      )
      for (const stay of client.stays.all) {
        const goesOn =
          client.stays.has(stay.room) && client.stays.seq(stay.room) === stay.first + stay.entries.length - 1
        wrong.push(...(await wrongWith(scene, stay, goesOn && !stay.hasLeft)))
        const ids = stay.entries.flatMap(({ id }) => id ?? [])
        if (new Set(ids).size < ids.length) wrong.push(`${stay.room}: a message was shown at two places`)
      }
    }
  }
  return wrong
}

test.for(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  '[ROOMS-108] wherever connections break, every client ends with the log of the store, without a hole or a repeat (seed %i)',
  async seed => {
    const random = seeded(seed)
    const cut = () => ({ down: 300 + random.below(12_000), up: 300 + random.below(4_000) })
    const { store, quiet } = countedStore(await openSqliteStore(folder()))
    await using world = await openWorld({ store })
    await using cutter = await openCutter(world.port, cut)
    using stack = new DisposableStack()
    const scene = await openScene(world, random, cutter)
    for (const { clients } of scene.people) for (const client of clients) stack.use(client)
    const clients = scene.people.flatMap(({ clients }) => clients)
    for (let step = 0; step < STEPS; step++) {
      act(scene)
      for (let turns = random.below(6); turns > 0; turns--) await turn()
    }
    cutter.calm()
    await Promise.all(clients.map(client => client.settled()))
    await world.core.context.runs.interruptAll()
    // What a connection that broke had asked for is still done.
    await quiet()
    for (const client of clients) await client.resume()
    const sum = (count: (client: Follower) => number) => clients.reduce((all, client) => all + count(client), 0)
    expect((await wrongAtTheEnd(scene)).join('\n')).toBe('')
    expect(cutter.cuts).toBeGreaterThan(5)
    expect(sum(({ confirmed }) => confirmed.size)).toBeGreaterThan(50)
  },
)
