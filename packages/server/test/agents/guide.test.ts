import { expect, test } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import { sumOf } from '../../src/agents/sums.ts'
import type { Question } from '../../src/core/ports/agents.ts'

// The guide looks at nothing else of a question.
const asked = (body: string, begun: string | null = null) =>
  ({ message: { body }, asker: { name: 'ann' }, begun }) as unknown as Question

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
    expect(said).toContain('/repeat')
  }
  expect((await answerTo('@assistant hello')).text).toContain('Hello ann!')
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
