import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type App, hear, start } from '../../src/room/app.ts'
import { frame } from '../../src/room/frame.ts'
import type { Happening } from '../../src/room/happening.ts'
import { clockOf, dayOf } from '../../src/room/phrase.ts'
import { insert } from '../../src/screen/editor.ts'
import { NOTHING, paint } from '../../src/screen/painter.ts'
import { HELD_MAX } from '../../src/screen/paper.ts'
import { width } from '../../src/text/width.ts'
import { done, entered, KITCHEN, message, run, said, text, typing } from '../fixture/happenings.ts'
import { Screen } from '../fixture/screen.ts'
import { anyText } from '../fixture/texts.ts'

const AT = '2026-11-25T12:00:00.000Z'
const NOON = clockOf(AT)
const TODAY = dayOf(AT)

/** A terminal that shows what happens, drawn after each of those that `draws` says; and the rows that were printed for good. */
function show(
  happenings: readonly Happening[],
  { columns = 40, rows = 12, draws = (_at: number): boolean => true } = {},
) {
  const screen = new Screen(columns, rows)
  const finished: string[] = []
  let app: App = start(TODAY)
  let before = NOTHING
  const draw = () => {
    const now = frame(app, { columns, rows, isColoured: false })
    expect(now.live.rows.length).toBeLessThan(rows)
    for (const row of [...now.finished, ...now.live.rows]) expect(width(row)).toBeLessThan(columns)
    screen.write(paint(before, now.finished, now.live))
    finished.push(...now.finished)
    before = now.live
    app = now.app
  }
  happenings.forEach((happening, at) => {
    app = hear(app, happening)
    if (draws(at)) draw()
  })
  draw()
  expect(screen.text).toBe([...finished, ...before.rows.map(row => row.trimEnd())].map(row => row.trimEnd()).join('\n'))
  return { finished, screen, live: before.rows, app }
}

test('[TERM-10] messages of the room, own, changed, deleted, and those that come and go', () => {
  const { finished, live } = show([
    { type: 'signed_in', user_id: 'id of ann', username: 'ann' },
    entered(message(1, 'bob', 'hello'), message(2, 'ann', 'hi')),
    said(3, 'bob', 'Are you\nthere, @ann?', true),
    { type: 'edited', ...KITCHEN, message: { ...message(1, 'bob', 'hello!'), edited_at: AT } },
    { type: 'deleted', ...KITCHEN, id: 'm2', ordinal: 2 },
    { type: 'joined', ...KITCHEN, user_id: 'u', username: 'eve' },
    { type: 'changed', ...KITCHEN, name: 'Cellar', closed: true },
  ])
  expect(finished).toEqual([
    '── The kitchen ──',
    `${NOON} bob: hello`,
    `${NOON} ann: hi`,
    `${NOON}*bob: Are you`,
    '      there, @ann?',
    `${NOON} bob changed: hello!`,
    'Message 2 was deleted.',
    'eve joined.',
    'The room is called Cellar now, and is',
    '  closed.',
  ])
  expect(live).toEqual(['Cellar> '])
})

test('[TERM-10] unread messages are marked, and what the newest page had is not said again', () => {
  const page = { ...entered(message(1, 'bob', 'one'), message(2, 'bob', 'two')), read_to: 1, unread: 1 } as Happening
  expect(show([page, said(2, 'bob', 'two'), said(3, 'bob', 'three')]).finished).toEqual([
    ...['── The kitchen ──', `${NOON} bob: one`, '── 1 unread ──', `${NOON} bob: two`, `${NOON} bob: three`],
  ])
})

test('[TERM-10] other rooms are counted; what names us there is said', () => {
  const room = { type: 'group', members: 2 } as const
  const { finished, live } = show([
    entered(),
    { type: 'message', room_id: 'x', name: 'Cellar', own: false, mention: false, message: message(1, 'bob', 'quiet') },
    { type: 'message', room_id: 'x', name: 'Cellar', own: false, mention: true, message: message(2, 'bob', '@ann?') },
    {
      type: 'unread',
      rooms: [
        { ...KITCHEN, ...room, unread: 5, mentions: 0 },
        { room_id: 'y', name: 'Attic', ...room, unread: 3, mentions: 0 },
        { room_id: 'x', name: 'Cellar', ...room, unread: 2, mentions: 1 },
      ],
    },
    typing('bob', 'eve'),
  ])
  expect(finished).toEqual(['── The kitchen ──', `${NOON}*bob in Cellar: @ann?`])
  expect(live).toEqual(['bob and eve are typing… · unread: *Cell', 'The kitchen> '].map(row => row.slice(0, 39)))
})

test('[TERM-11] an answer goes to the scrollback row by row, and only its last row is drawn again', () => {
  const parts = 'The quick brown fox jumps over the lazy dog and then it goes home.'.match(/.{1,5}/g)!
  const { finished, live } = show([entered(), run('r'), ...parts.map(part => text('r', part))])
  expect(finished).toEqual([
    '── The kitchen ──',
    `${NOON} assistant: The quick brown fox`,
    '      jumps over the lazy dog and then',
  ])
  expect(live).toEqual(['      it goes home.', 'The kitchen> '])
})

test('[TERM-11] what comes meanwhile stands below the answer until that ends', () => {
  const before = [entered(), run('r'), text('r', 'One moment'), said(1, 'bob', 'hurry')]
  const open = show(before)
  expect(open.finished).toEqual(['── The kitchen ──'])
  expect(open.live).toEqual([`${NOON} assistant: One moment`, `${NOON} bob: hurry`, 'The kitchen> '])
  expect(show([...before, text('r', ' more'), done('r', 2, 'One moment more')]).finished).toEqual([
    ...['── The kitchen ──', `${NOON} assistant: One moment more`, `${NOON} bob: hurry`],
  ])
})

test('[TERM-11] a second answer waits for the first; too many messages interrupt it', () => {
  const two = [entered(), run('a'), run('b'), text('b', 'Second'), text('a', 'First'), done('b', 1, 'Second one')]
  expect(show([...two, done('a', 2, 'First one')]).finished.slice(1)).toEqual([
    ...[`${NOON} assistant: First one`, `${NOON} assistant: Second one`],
  ])
  const many = Array.from({ length: HELD_MAX + 1 }, (_, at) => said(at + 1, 'bob', `message ${at + 1}`))
  const { finished } = show([
    entered(),
    run('a'),
    text('a', 'Part'),
    ...many,
    text('a', ' two.'),
    done('a', 50, 'Part two.'),
  ])
  expect(finished.slice(1)).toEqual([
    `${NOON} assistant: Part …`,
    ...many.map((_, at) => `${NOON} bob: message ${at + 1}`),
    `${NOON} assistant:  two.`,
  ])
})

test('[TERM-11] an answer without a text, one that failed, and one whose text changed', () => {
  const end = (run_id: string, state: 'failed' | 'cancelled'): Happening => ({
    ...{ type: 'run_end', ...KITCHEN, run_id, state, error: state === 'failed' ? 'no model' : null },
  })
  expect(show([entered(), run('a'), end('a', 'failed')]).finished.slice(1)).toEqual([
    ...[`${NOON} assistant: `.trimEnd(), 'The answer failed: no model'].map((row, at) => (at === 0 ? `${row} ` : row)),
  ])
  const cut = [entered(), run('a'), text('a', 'Well'), done('a', 1, 'Well'), end('a', 'cancelled')]
  expect(show(cut).finished.slice(1)).toEqual([`${NOON} assistant: Well`, 'The answer was stopped.'])
  const long = 'A row that is long enough to be printed for good'
  expect(show([entered(), run('a'), text('a', long), done('a', 1, 'Another')]).finished.at(-1)).toBe(
    '      Another'.replace('      ', `${NOON} assistant: (as it is now) `),
  )
})

/** An answer in parts, messages and typing: each in its own order, all mixed. */
const mixed = fc
  .record({
    answer: fc.array(anyText, { minLength: 1, maxLength: 6 }),
    messages: fc.array(anyText, { maxLength: HELD_MAX }),
    order: fc.infiniteStream(fc.nat({ max: 3 })),
    another: fc.infiniteStream(fc.nat({ max: 3 })),
  })
  .map(({ answer, messages, order, another }) => {
    const parts = answer.map(part => text('r', part))
    const lines = messages.map((content, at) => said(at + 1, `p${at % 3}`, content))
    const whole = answer.join('')
    const mix = (choices: Iterator<number>): Happening[] => {
      const left = [[...parts], [...lines]]
      const all: Happening[] = [entered(), run('r')]
      while (left.some(one => one.length > 0)) {
        const pick = choices.next().value as number
        if (pick >= 2) all.push(pick === 2 ? typing('p1') : typing())
        else if (left[pick]!.length > 0) all.push(left[pick]!.shift()!)
        else if (left[1 - pick]!.length > 0) all.push(left[1 - pick]!.shift()!)
      }
      return [...all, done('r', 100, whole), typing()]
    }
    return { one: mix(order[Symbol.iterator]()), other: mix(another[Symbol.iterator]()), whole, messages }
  })

const sizes = fc.record({ columns: fc.integer({ min: 20, max: 90 }), rows: fc.integer({ min: 4, max: 24 }) })

test('[TERM-12] however an answer, messages and typing are mixed, and whenever it is drawn, the scrollback is the same', () => {
  fc.assert(
    fc.property(mixed, sizes, fc.func(fc.boolean()), ({ one, other }, size, draws) => {
      const { finished, live } = show(one, size)
      expect(show(other, size).finished).toEqual(finished)
      expect(show(other, { ...size, draws })).toMatchObject({ finished, live })
    }),
    { numRuns: 200 },
  )
})

test('[TERM-12] nothing is printed twice or lost, on a terminal that changes its size, too', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  const words = fc.uniqueArray(word, { minLength: 5, maxLength: 60 })
  fc.assert(
    fc.property(
      words,
      fc.infiniteStream(fc.integer({ min: 20, max: 100 })),
      fc.nat({ max: 4 }),
      (all, columns, every) => {
        let app = hear(hear(start(TODAY), entered()), run('r'))
        const printed: string[] = []
        all.forEach((one, at) => {
          app = hear(app, text('r', `${one} `))
          if (at % (every + 1) !== 0) return
          const now = frame(app, { columns: columns.next().value, rows: 10, isColoured: false })
          printed.push(...now.finished)
          app = now.app
        })
        const last = frame(hear(app, done('r', 1, all.map(one => `${one} `).join(''))), {
          columns: 50,
          rows: 10,
          isColoured: false,
        })
        const found = [...printed, ...last.finished].slice(1).join('').replaceAll(' ', '')
        expect(found).toBe(`${NOON}assistant:${all.join('')}`)
      },
    ),
  )
})

test('[TERM-13] what is typed stays whole while messages come, and the rest of the live rows fits small terminals', () => {
  const typed = { ...start(TODAY), editor: insert(start(TODAY).editor, 'half a sentence') }
  const after = [entered(), said(1, 'bob', 'hello'), typing('bob')].reduce(hear, typed)
  const { live, finished } = frame(after, { columns: 80, rows: 24, isColoured: false })
  expect(live.rows).toEqual(['bob is typing…', 'The kitchen> half a sentence'])
  expect(live.cursor).toEqual({ row: 1, column: 28 })
  expect(finished).toHaveLength(2)
})

test('[TERM-13] the state of the connection is one row that goes away', () => {
  const lost: Happening = { type: 'connection', state: 'waiting', delay: 2_400, code: 'UNREACHABLE', error: 'refused' }
  expect(show([entered(), lost], { columns: 80 }).live).toEqual([
    ...['No connection; trying again in 2 s. refused', 'The kitchen> '],
  ])
  const back = show([entered(), lost, { type: 'connection', state: 'live' }], { columns: 80 })
  expect([back.finished, back.live]).toEqual([['── The kitchen ──'], ['The kitchen> ']])
})

test('[TERM-13] our messages are shown on their way, and printed in the place that the room gives them', () => {
  const sending: Happening = { type: 'sending', ...KITCHEN, client_id: 'c', text: 'mine' }
  const under = [entered(), sending, said(1, 'bob', 'first')]
  expect(show(under).live).toEqual(['      (sending) mine', 'The kitchen> '])
  const mine = { ...said(2, 'ann', 'mine'), message: { ...message(2, 'ann', 'mine'), client_id: 'c' } } as Happening
  const sent = show([...under, mine])
  expect([sent.finished.slice(1), sent.live]).toEqual([[`${NOON} bob: first`, `${NOON} ann: mine`], ['The kitchen> ']])
  const refused = { type: 'refused', ...KITCHEN, client_id: 'c', text: 'mine', code: 'X', error: 'too long' } as const
  expect(show([...under, refused]).finished.at(-1)).toBe('Not sent (too long): mine')
})

test('[TERM-13] a file on its way is one row with a bar', () => {
  const transfer = { type: 'transfer', direction: 'upload', name: 'a.zip', done: 500_000, total: 2_000_000 } as const
  const { live } = show([entered(), transfer, { ...transfer, done: 1_000_000 }], { columns: 80 })
  expect(live[0]).toBe('upload [##########----------]  50 % of 2.0 MB  a.zip  Ctrl-C stops it')
  const over: Happening = { type: 'transferred', direction: 'upload', name: 'a.zip', outcome: 'done', where: 'id' }
  const after = show([entered(), transfer, over])
  expect([after.finished.at(-1), after.live]).toEqual(['Upload of a.zip: done.', ['The kitchen> ']])
})

test('[TERM-1] names, texts, rooms and errors of others reach the terminal without their control characters', () => {
  const evil = '\x1b]52;c;x\x07\x1b[2J\n\u202e'
  const place = { room_id: evil, name: evil }
  const all: Happening[] = [
    { ...entered(message(1, evil, evil)), ...place } as Happening,
    { type: 'typing', ...place, people: [evil] },
    { type: 'run', ...place, run_id: 'r', agent: evil, started_at: AT },
    { type: 'run_text', ...place, run_id: 'r', text: evil },
    { type: 'run_note', ...place, run_id: 'r', text: evil },
    { type: 'run_end', ...place, run_id: 'r', state: 'failed', error: evil },
    { type: 'joined', ...place, user_id: 'u', username: evil },
    { type: 'changed', ...place, closed: false },
    { type: 'members', ...place, people: [{ user_id: 'u', username: evil }] },
    { type: 'who', ...place, people: [{ username: evil, status: evil, text: evil }] },
    { type: 'invitation', ...place, token: evil, url: null, expires_at: AT },
    { type: 'unread', rooms: [{ room_id: 'x', name: evil, type: 'group', unread: 1, mentions: 1, members: 1 }] },
    { type: 'rooms', rooms: [{ room_id: evil, name: evil, type: 'group', unread: 1, mentions: 1, members: 1 }] },
    { type: 'transfer', direction: 'download', name: evil, done: 1, total: 2 },
    { type: 'transferred', direction: 'download', name: evil, outcome: 'done', where: evil },
    { type: 'connection', state: 'waiting', delay: 1, code: evil, error: evil },
    { type: 'sending', ...place, client_id: 'c', text: evil },
    { type: 'refused', ...place, client_id: 'd', text: evil, code: evil, error: evil },
    { type: 'left_room', ...place },
    { type: 'error', code: evil, error: evil },
    { type: 'notice', text: evil },
  ]
  let app = start(TODAY)
  for (const happening of all) {
    app = hear(app, happening)
    const { finished, live, app: next } = frame(app, { columns: 80, rows: 24, isColoured: false })
    for (const row of [...finished, ...live.rows])
      expect([happening.type, row]).not.toEqual([happening.type, expect.stringMatching(/\p{Cc}|\u202e/u)])
    app = next
  }
})

test('[TERM-26] what was found is told with its room and time, on 80 columns and without what a terminal would act on', () => {
  const found: Happening = {
    type: 'found',
    text: 'soup\x1b',
    more: true,
    results: [
      {
        ...KITCHEN,
        message: message(1, 'bob', ''),
        excerpt: '…the \x1b[2Jsoup\tis ready '.repeat(4).trimEnd(),
        hits: [[9, 13]],
      },
      { room_id: 'dm:1:2', name: 'eve', message: message(2, 'eve', ''), excerpt: 'soup', hits: [[0, 4]] },
    ],
  }
  const { finished } = show([found], { columns: 80 })
  expect(finished).toEqual([
    '── Found: soup␛ ──',
    `${TODAY} ${NOON} The kitchen, bob: …the ␛[2Jsoup    is ready …the ␛[2Jsoup`,
    '      is ready …the ␛[2Jsoup    is ready …the ␛[2Jsoup    is ready',
    `${TODAY} ${NOON} eve: soup`,
    '── /search shows older ones ──',
  ])
  const coloured = frame(hear(start(TODAY), found), { columns: 80, rows: 12, isColoured: true }).finished
  expect(coloured.join('\n').split('\x1b[1msoup\x1b[0m')).toHaveLength(3)
  const none = show([{ type: 'found', text: 'x', more: false, results: [] }])
  expect(none.finished).toEqual(['── Nothing found: x ──'])
})
