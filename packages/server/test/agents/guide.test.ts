import { expect, test } from 'vitest'
import { dateAnswer } from '../../src/agents/guide/dates.ts'
import { shownValue } from '../../src/agents/guide/shown.ts'
import { tellingOf } from '../../src/agents/guide/telling.ts'
import { guide } from '../../src/agents/guide.ts'
import { sumOf } from '../../src/agents/sums.ts'
import type { Question } from '../../src/core/ports/agents.ts'

// Without means the guide looks at nothing else of a question.
const asked = (body: string, begun: string | null = null) =>
  ({
    message: { body },
    asker: { name: 'ann' },
    run: { startedAt: Date.UTC(2026, 0, 1) },
    begun,
  }) as unknown as Question

async function answerTo(body: string, signal = new AbortController().signal, begun: string | null = null) {
  const steps: string[] = []
  let usage: unknown = null
  for await (const event of guide.answer(asked(body, begun), signal))
    if (event.type === 'text') steps.push(event.text)
    else if (event.type === 'usage') usage = event.usage
  return { steps, text: steps.join(''), usage }
}

test('[RUN-40] the guide says that it is no AI and what it can do, when greeted, asked for help or not understood', async () => {
  for (const text of ['/help', 'help!', '@assistant', 'Hello', 'hi there', 'What is love?', 'naïve 🤖 ques\ntion']) {
    const { text: said } = await answerTo(text)
    expect(said, text).toContain('I am not an AI')
    expect(said).toContain('/help')
  }
  const hello = (await answerTo('@assistant hello')).text
  expect(hello).toContain('Hello ann!')
  expect(hello.length).toBeLessThan(150)
  const help = (await answerTo('/help')).text
  for (const word of ['/search', '/summary', '/tools', '/use', '/repeat', 'days until', '2+2*3'])
    expect(help).toContain(word)
  expect(Math.max(...help.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  const { text } = await answerTo('What is love?')
  expect(text).toContain('“What is love?”')
  expect(text).toContain('No language model is connected')
})

test('[RUN-40] the guide says a text back as it is, works out sums, and shortens long quotes', async () => {
  expect((await answerTo('/repeat  two  words\nand 🤖 a line ')).text).toBe('two  words\nand 🤖 a line')
  expect((await answerTo('@assistant: 2+2*3 =?')).text).toBe('2+2*3 = 8')
  expect((await answerTo('0.1 + 0.2')).text).toBe('0.1 + 0.2 = 0.3')
  const { text } = await answerTo('🤖'.repeat(10_000))
  expect([...text.matchAll(/🤖/gu)]).toHaveLength(300)
})

test('[RUN-40] the same text gets the same answer in several steps, which end when nobody wants them', async () => {
  const first = await answerTo('What is love?')
  expect(await answerTo('What is love?')).toEqual(first)
  expect(first.steps.length).toBeGreaterThan(3)
  expect(first.usage).toEqual({ model: 'parley-guide', tokens: first.text.split(/\s+/).length, cost: null })
  expect((await answerTo('What is love?', AbortSignal.abort())).steps).toEqual([])
})

test('[RUN-41] sums follow the usual order, and what is no sum has no result', () => {
  for (const [text, value] of [
    ['1+1', 2],
    [' 2 + 2*3 ', 8],
    ['(2+2)*3', 12],
    ['2^3^2', 512],
    ['-2^2', -4],
    ['2^-1', 0.5],
    ['10/4/5', 0.5],
    ['7-3-2', 2],
    ['--3', 3],
    ['2*-3', -6],
    ['.5×4÷2', 1],
    ['((1+2)*(3+4))', 21],
  ] as const) {
    expect(sumOf(text), text).toBe(value)
  }
  const none = [
    '',
    ' ',
    '7',
    '(7)',
    '1+',
    '*2',
    '1 2',
    '1+(2',
    '1)+2',
    '()',
    '1/0',
    '0/0',
    '10^999',
    'a+1',
    '1e5+1',
    '1+1;x',
  ]
  for (const text of [
    ...none,
    `${'('.repeat(99)}1+1${')'.repeat(99)}`,
    `${'2^'.repeat(99)}1`,
    `${'1+'.repeat(200)}1`,
  ]) {
    expect(sumOf(text), text).toBeUndefined()
  }
})

test('[RUN-42] the guide goes on exactly where its answer stops, and answers anew what is none of its own', async () => {
  const { signal } = new AbortController()
  const { text } = await answerTo('What is love?')
  for (const at of [0, 1, 57, text.length - 1, text.length])
    expect((await answerTo('What is love?', signal, text.slice(0, at))).text).toBe(text.slice(at))
  expect((await answerTo('What is love?', signal, 'Love is')).text).toBe(text)
})

test('[RUN-43] days are worked out in UTC, and what is no day there is has no answer', () => {
  const now = Date.UTC(2026, 0, 31, 23, 59)
  for (const [text, answer] of [
    ['today', 'Today is Saturday, 2026-01-31 (UTC).'],
    ['What day is it?', 'Today is Saturday, 2026-01-31 (UTC).'],
    ["what's the date", 'Today is Saturday, 2026-01-31 (UTC).'],
    ['tomorrow', 'Tomorrow is Sunday, 2026-02-01 (UTC).'],
    ['yesterday?', 'Yesterday was Friday, 2026-01-30 (UTC).'],
    ['2026-03-01', '2026-03-01 is a Sunday.'],
    ['days until 2026-12-24', 'From 2026-01-31 to 2026-12-24: 327 days.'],
    ['How many days until tomorrow?', 'From 2026-01-31 to 2026-02-01: 1 day.'],
    ['days since 2025-01-31', 'From 2025-01-31 to 2026-01-31: 365 days.'],
    ['2026-03-01 - 2026-02-01', 'From 2026-02-01 to 2026-03-01: 28 days.'],
    ['in 3 weeks', 'In 3 weeks: Saturday, 2026-02-21.'],
    ['1 month from now', '1 month from now: Saturday, 2026-02-28.'],
    ['2 days ago', '2 days ago: Thursday, 2026-01-29.'],
    ['2026-03-01 + 10 days =', '2026-03-01 + 10 days: Wednesday, 2026-03-11.'],
    ['2024-02-29 + 1 year', '2024-02-29 + 1 year: Friday, 2025-02-28.'],
    ['2026-01-31 - 13 months', '2026-01-31 - 13 months: Tuesday, 2024-12-31.'],
  ] as const)
    expect(dateAnswer(text, now), text).toBe(answer)
  for (const text of [
    '',
    'todays',
    '2026-02-30',
    'days until 2026-13-01',
    '2026-01-01 + 999999 years',
    'in weeks',
    '7',
  ])
    expect(dateAnswer(text, now), text).toBeUndefined()
})

test('[RUN-43] the day is that of the question, so that an answer that goes on is the same', async () => {
  expect((await answerTo('today')).text).toBe('Today is Thursday, 2026-01-01 (UTC).')
})

test('[RUN-44] the sentences that tell most are questions, links, names and rare words, in the order they were said', () => {
  const said = (who: string, text: string, at: number) => ({ who, at, text })
  const all = [
    said('ben', 'ok', 1),
    said('ben', 'lol. The release moves to Friday because the certificate of the mirror expired!', 2),
    said('cay', 'ok', 3),
    said('cay', 'Ann, can you look at https://example.org/mirror today?', 4),
    said('dan', 'ok ok', 5),
  ]
  expect(tellingOf(all, 'ann', 2)).toEqual([
    said('ben', 'The release moves to Friday because the certificate of the mirror expired!', 2),
    said('cay', 'Ann, can you look at https://example.org/mirror today?', 4),
  ])
  expect(tellingOf(all, 'ann', 1)).toEqual([said('cay', 'Ann, can you look at https://example.org/mirror today?', 4)])
  expect(tellingOf([said('ben', 'ok', 1)], 'ann', 5)).toEqual([])
  const [long] = tellingOf([said('ben', `one two three ${'x'.repeat(400)}`, 1)], 'ann', 1)
  expect([...(long?.text ?? '')]).toHaveLength(161)
  const many = said('ben', Array.from({ length: 9 }, (_, n) => `Sentence number ${n} here.`).join(' '), 1)
  expect(tellingOf([many], 'ann', 9)).toHaveLength(2)
})

test('[RUN-47] lists of objects are shown as tables that nothing in them breaks, everything else as it is', () => {
  const rows = [
    { id: 1, name: 'a|b\nc' },
    { id: 2, extra: true },
  ]
  const table = '| id | name | extra |\n| --- | --- | --- |\n| 1 | a\\|b c |  |\n| 2 |  | true |'
  expect(shownValue(rows)).toBe(table)
  expect(shownValue({ has_more: false, rows })).toBe(`has_more: false\n${table}`)
  expect(shownValue('text')).toBe('text')
  expect(shownValue({ a: { b: '```' } })).toBe('````json\n{\n  "a": {\n    "b": "```"\n  }\n}\n````')
  expect(shownValue(Array.from({ length: 25 }, (_, id) => ({ id })))).toMatch(/\| 19 \|\n… and 5 more$/)
  expect(shownValue({ text: 'x'.repeat(10_000) }).length).toBeLessThan(4_100)
})
