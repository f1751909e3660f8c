import { expect, test } from 'vitest'
import { createAssistantRunner } from '../../src/agents/assistant-runner.ts'
import { type AgentEvent, AgentFailed, type Question } from '../../src/core/ports/agents.ts'
import { troubleTeller } from '../../src/start/models.ts'
import { ownTime } from '../outbound/time.ts'
import { catalogOf } from './models/models.ts'
import { begin, compatible, ended, fail, type Reply, said, say, serve } from './models/server.ts'
import { ask } from './question.ts'
import { plain } from './tools.ts'

const never = new AbortController().signal

async function assistantAt(reply: Reply, time = ownTime(), key: string | null = null) {
  const server = await serve(reply)
  const log: object[] = []
  const warn = (fields: object) => void log.push(fields)
  const runner = createAssistantRunner({
    ...plain,
    catalog: catalogOf([compatible(server.url, 'local', key)], 'local/m', { time }),
    timeLimit: 100_000,
    later: time.after,
    onTrouble: troubleTeller({ warn, error: warn, info: warn, debug: warn }, key === null ? [] : [key]),
  })
  const answer = async (question: Question, signal = never) => {
    const steps: unknown[] = []
    let usage: unknown = null
    for await (const event of runner.answer(question, signal))
      if (event.type === 'usage') usage = event.usage
      else steps.push(event)
    return { steps, usage }
  }
  return { ...server, runner, answer, log, time }
}

/** What is told of an answer besides what it takes. */
async function* stepsOf(answer: AsyncIterable<AgentEvent>) {
  for await (const event of answer) if (event.type !== 'usage') yield event
}

const text = (of: string) => ({ type: 'text', text: of })

test('[AGENT-1] [AGENT-3] an answer comes as steps of text, and its usage says which model gave it', async () => {
  const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 }
  const { answer, asked } = await assistantAt(response =>
    begin(response, said('Tea, '), said('please.')).end(ended('stop', usage)),
  )
  const options = { model: 'gpt-4', systemPrompt: null, temperature: 0.5, maxTokens: 50 }
  expect(await answer(ask('What do you drink?', { options }))).toEqual({
    steps: [text('Tea, '), text('please.')],
    usage: { model: 'local/m', tokens: 15, cost: null, charge: 0 },
  })
  expect(asked[0]!.body).toMatchObject({ model: 'm', stream: true, temperature: 0.5, max_tokens: 50 })
  expect(asked[0]!.body.messages).toMatchObject([{ role: 'system' }, { role: 'user', content: 'What do you drink?' }])
})

test('[AGENT-20] without numbers from the provider tokens and cost are null', async () => {
  const { answer } = await assistantAt(say('well'))
  expect((await answer(ask('hi'))).usage).toEqual({ model: 'local/m', tokens: null, cost: null, charge: 0 })
})

test('[AGENT-17] an answer that is not whole ends with a note', async () => {
  const cut = await assistantAt(response => begin(response, said('Once')).end(ended('length')))
  expect((await cut.answer(ask('hi'))).steps).toEqual([
    text('Once'),
    text('\n\n[The answer ends here because it reached its longest allowed length.]'),
  ])
  const withheld = await assistantAt(response => begin(response).end(ended('content_filter')))
  expect((await withheld.answer(ask('hi'))).steps).toEqual([
    text("[The rest of the answer was held back by the language model's content filter.]"),
  ])
})

test('[AGENT-14] a failure has words for people and details for the operator, and a secret in neither', async () => {
  const key = 'a-very-secret-key'
  const { answer, log } = await assistantAt(
    fail(401, `Incorrect API key provided: ${key}, sk-proj-ab**cd, ${key}`),
    ownTime(),
    key,
  )
  const failed = await answer(ask('hi')).catch(error => error)
  expect(failed).toBeInstanceOf(AgentFailed)
  expect(failed.message).toBe("The language model does not accept this server's credentials")
  expect(log).toEqual([
    {
      model: 'local/m',
      code: 'credentials_refused',
      detail: '401 Incorrect API key provided: [hidden], [hidden], [hidden]',
    },
  ])
})

test('[AGENT-12] an answer that takes too long in all is ended, however often it gives a word', async () => {
  const { runner, time, asked } = await assistantAt(response => begin(response, said('and ')))
  const answer = stepsOf(runner.answer(ask('hi'), never))
  expect((await answer.next()).value).toEqual(text('and '))
  const next = answer.next()
  time.pass(100_000)
  await expect(next).rejects.toEqual(new AgentFailed('The answer took too long'))
  await asked[0]!.closed
  expect(time.waits()).toEqual([])
})

test('[AGENT-13] a cancelled answer ends its request and is no failure', async () => {
  const { runner, asked, log } = await assistantAt(response => begin(response, said('and ')))
  const end = new AbortController()
  const answer = stepsOf(runner.answer(ask('hi'), end.signal))
  await answer.next()
  const next = answer.next()
  end.abort()
  expect(await next).toEqual({ done: true, value: undefined })
  await asked[0]!.closed
  expect(log).toEqual([])
})
