import { expect, test } from 'vitest'
import { repeatsAreOne } from './checker/retries.ts'
import type { Violation } from './checker/violation.ts'
import { check, checkReturned, type Watched } from './checker.ts'
import { type History, type Life, marksOf, newHistory, noteSending, noteStored } from './history.ts'
import type { MessageRow, Snapshot } from './snapshot.ts'

/** A snapshot that a test may spoil. */
type Spoilable = { -readonly [Part in keyof Snapshot]: Spoil<Snapshot[Part]> }
type Spoil<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : T extends readonly (infer Row)[]
      ? { -readonly [Column in keyof Row]: Row[Column] }[]
      : T

interface World {
  readonly history: History
  readonly snapshot: Spoilable
  readonly watched: Watched
  /** Of ben, who was shown everything of others, once and in order. */
  readonly life: Life
}

const LOBBY = 'room-lobby'
const DIRECT = 'room-direct'

/** Ann and ben talked in the room and to each other; ben read all of it up to the fourth message, and the sixth. */
function soundWorld(): World {
  const history = newHistory()
  const messages: MessageRow[] = []
  const place = { [LOBBY]: 0, [DIRECT]: 0 }
  const say = (sender: 'ann' | 'ben', room: typeof LOBBY | typeof DIRECT, body: string) => {
    const [number, ordinal] = [messages.length + 1, ++place[room]]
    const id = `id-${number}`
    const to = room === LOBBY ? null : sender === 'ann' ? 'ben' : 'ann'
    noteSending(history, { sender, to, body })
    noteStored(history, id, body)
    messages.push({ number, id, room, ordinal, seq: ordinal, sender: `u-${sender}`, body, at: number, deleted: false })
  }
  for (let i = 1; i <= 6; i++) say(i === 2 ? 'ben' : 'ann', LOBBY, `l.${i} text`)
  for (let i = 1; i <= 3; i++) say('ann', DIRECT, `d.${i} text`)
  noteSending(history, { sender: 'ann', to: null, body: 'l.lost without an answer' })
  for (const id of ['id-1', 'id-3', 'id-4', 'id-6']) {
    marksOf(history, 'ben').asked.add(id)
    marksOf(history, 'ben').acknowledged.add(id)
  }
  history.accounts.set('ann', { id: 'u-ann', key: 'key-ann', dead: ['old-ann'] })
  history.accounts.set('ben', { id: 'u-ben', key: null, dead: [] })
  const shown = messages.filter(({ sender }) => sender === 'u-ann').map(({ id }) => id)
  const life: Life = { user: 'ben', shown }
  return { history, snapshot: snapshotOf(messages), life, watched: { lives: [life], heads: new Map() } }
}

function snapshotOf(messages: readonly MessageRow[]): Spoilable {
  const room = { seq: 6, ordinal: 6, floor: 0 }
  const member = { since: 0, readTo: 0 }
  return {
    rooms: [
      { ...room, id: LOBBY, kind: 'lobby', pair: null },
      { id: DIRECT, kind: 'direct', pair: ['u-ann', 'u-ben'], seq: 3, ordinal: 3, floor: 0 },
    ],
    members: [
      { ...member, room: LOBBY, user: 'u-ann' },
      { ...member, room: LOBBY, user: 'u-ben', readTo: 4 },
      { ...member, room: DIRECT, user: 'u-ann' },
      { ...member, room: DIRECT, user: 'u-ben' },
    ],
    messages: messages.map(message => ({ ...message })),
    log: messages.map(({ room, seq, number, at }) => ({ room, seq, kind: 1, ref: number, at })),
    reads: [{ room: LOBBY, user: 'u-ben', ordinal: 6 }],
    receipts: [
      { room: LOBBY, user: 'u-ben', first: 1, last: 4 },
      { room: LOBBY, user: 'u-ben', first: 6, last: 6 },
    ],
    users: [
      { id: 'u-ann', name: 'ann' },
      { id: 'u-ben', name: 'ben' },
    ],
    unread: new Map([
      ['ann', { room: 1, direct: 0 }],
      ['ben', { room: 1, direct: 3 }],
    ]),
    keys: new Map([
      ['key-ann', 'ann'],
      ['old-ann', null],
    ]),
  }
}

function judge({ history, snapshot, watched }: World): Violation[] {
  return [...check(history, snapshot, watched), ...checkReturned(snapshot, watched)]
}

test('a sound world has no violations', () => {
  expect(judge(soundWorld())).toEqual([])
})

test('what got no answer may be there or not, but once', () => {
  const world = soundWorld()
  const { snapshot, life } = world
  const lost = {
    ...snapshot.messages[5]!,
    number: 20,
    id: 'id-20',
    ordinal: 7,
    seq: 7,
    body: 'l.lost without an answer',
  }
  snapshot.messages.push(lost)
  snapshot.log.push({ room: LOBBY, seq: 7, kind: 1, ref: 20, at: 20 })
  Object.assign(snapshot.rooms[0]!, { seq: 7, ordinal: 7 })
  snapshot.unread.set('ben', { room: 2, direct: 3 }).set('ann', { room: 1, direct: 0 })
  life.shown.splice(5, 0, 'id-20')
  expect(judge(world)).toEqual([])
})

test('what was deleted meanwhile may have been shown or not, and is not unread', () => {
  for (const wasShown of [true, false]) {
    const world = soundWorld()
    const { history, snapshot, life } = world
    Object.assign(snapshot.messages[4]!, { deleted: true, body: '' })
    history.messages.get('id-5')!.deletion = 'asked'
    snapshot.unread.set('ben', { room: 0, direct: 3 })
    if (!wasShown) life.shown.splice(life.shown.indexOf('id-5'), 1)
    expect(judge(world)).toEqual([])
  }
})

test('a client that came back may be shown late, but not twice, what was deleted meanwhile', () => {
  const { history, snapshot, life, watched } = soundWorld()
  Object.assign(snapshot.messages[4]!, { deleted: true, body: '' })
  history.messages.get('id-5')!.deletion = 'acknowledged'
  life.shown.splice(life.shown.indexOf('id-5'), 1)
  life.shown.push('id-5')
  expect(checkReturned(snapshot, watched)).toEqual([])
  expect(check(history, snapshot, watched).map(({ rule }) => rule)).toContain('DUR-7')
  life.shown.push('id-5')
  expect(checkReturned(snapshot, watched).map(({ rule }) => rule)).toEqual(['DUR-8'])
})

const message = ({ snapshot }: World, number: number) => snapshot.messages[number - 1]!

/** What can go wrong, the rule it breaks, and how it looks. */
const FAULTS: readonly (readonly [string, Violation['rule'], (world: World) => void])[] = [
  ['an acknowledged message is missing', 'DUR-1', ({ snapshot }) => snapshot.messages.pop()],
  ['it has another text', 'DUR-1', world => (message(world, 3).body = 'l.3 other text')],
  ['it has another sender', 'DUR-1', world => (message(world, 3).sender = 'u-ben')],
  ['it is in another room', 'DUR-1', world => (message(world, 9).room = LOBBY)],
  ['an acknowledged edit is undone', 'DUR-1', ({ history }) => (history.messages.get('id-3')!.text = 'l.3 edit 1')],
  [
    'an acknowledged deletion is undone',
    'DUR-1',
    ({ history }) => (history.messages.get('id-3')!.deletion = 'acknowledged'),
  ],
  ['something is deleted that nobody deleted', 'DUR-1', world => (message(world, 3).deleted = true)],
  [
    'a message is there twice',
    'DUR-2',
    ({ snapshot }) => snapshot.messages.push({ ...snapshot.messages[5]!, id: 'id-30' }),
  ],
  ['a message is there that nobody sent', 'DUR-2', world => (message(world, 3).body = 'x.9 text')],
  ['a seq is missing', 'DUR-3', ({ snapshot }) => snapshot.log.splice(2, 1)],
  ['a seq is skipped', 'DUR-3', ({ snapshot }) => (snapshot.log[8]!.seq = 4)],
  ['a seq is given twice', 'DUR-3', ({ snapshot }) => (snapshot.log[2]!.seq = 2)],
  ['an ordinal is skipped', 'DUR-3', world => (message(world, 9).ordinal = 4)],
  ['a room is ahead of its log', 'DUR-3', ({ snapshot }) => snapshot.rooms[1]!.seq++],
  ['a room is behind its messages', 'DUR-3', ({ snapshot }) => snapshot.rooms[1]!.ordinal--],
  ['time falls', 'DUR-3', ({ snapshot }) => (snapshot.log[3]!.at = 0)],
  ['the log names another message', 'DUR-3', ({ snapshot }) => (snapshot.log[3]!.ref = 5)],
  ['an acknowledged mark is lost', 'DUR-4', ({ snapshot }) => snapshot.reads.pop()],
  ['its receipt is lost', 'DUR-4', ({ snapshot }) => snapshot.receipts.pop()],
  ['something is read that nobody marked', 'DUR-4', ({ snapshot }) => (snapshot.members[1]!.readTo = 5)],
  ['an unread count is one too high', 'DUR-5', ({ snapshot }) => snapshot.unread.set('ben', { room: 2, direct: 3 })],
  ['an unread count is one too low', 'DUR-5', ({ snapshot }) => snapshot.unread.set('ben', { room: 1, direct: 2 })],
  ['an account is lost', 'DUR-6', ({ snapshot }) => (snapshot.users[0]!.id = 'u-other')],
  ['a key does not work any more', 'DUR-6', ({ snapshot }) => snapshot.keys.set('key-ann', null)],
  ['a key opens the account of somebody else', 'DUR-6', ({ snapshot }) => snapshot.keys.set('key-ann', 'ben')],
  ['a replaced key works again', 'DUR-6', ({ snapshot }) => snapshot.keys.set('old-ann', 'ann')],
  ['something was shown that is not stored', 'DUR-7', ({ life }) => life.shown.push('id-40')],
  ['a message was shown twice', 'DUR-7', ({ life }) => life.shown.push('id-6')],
  ['messages were shown in the wrong order', 'DUR-7', ({ life }) => life.shown.unshift(...life.shown.splice(1, 1))],
  ['a message was left out', 'DUR-7', ({ life }) => life.shown.splice(2, 1)],
  ['the first message was left out', 'DUR-7', ({ life }) => life.shown.splice(0, 1)],
  ["somebody's own message was shown to them", 'DUR-7', ({ life }) => life.shown.splice(1, 0, 'id-2')],
  ['the last message never came', 'DUR-8', ({ life }) => life.shown.pop()],
]

test.for(FAULTS)('when %s, %s tells', ([, rule, spoil]) => {
  const world = soundWorld()
  spoil(world)
  expect(judge(world).map(violation => violation.rule)).toContain(rule)
})

test('messages from before the connection are not expected, and not allowed', () => {
  const world = soundWorld()
  const { history, snapshot, life } = world
  const heads = new Map([[LOBBY, 2]])
  expect(check(history, snapshot, { lives: [life], heads }).map(({ rule }) => rule)).toEqual(['DUR-7'])
  const later = { ...life, shown: life.shown.slice(1) }
  expect(check(history, snapshot, { lives: [later], heads })).toEqual([])
})

test('[DUR-9] repeats are judged by what is there and what was answered', () => {
  const [one, two, three] = soundWorld().snapshot.messages as [MessageRow, MessageRow, MessageRow]
  const answers = new Map([
    ['l.1', new Set(['id-1'])],
    ['l.2', new Set<string>()],
  ])
  expect(repeatsAreOne(answers, [one, two])).toEqual([])
  expect(repeatsAreOne(answers, [one])).toEqual([])
  expect(repeatsAreOne(answers, [two])).toHaveLength(1)
  expect(repeatsAreOne(answers, [one, two, { ...three, body: two.body }])).toHaveLength(1)
  expect(repeatsAreOne(new Map([['l.1', new Set(['id-1', 'id-9'])]]), [one])).toHaveLength(1)
})
