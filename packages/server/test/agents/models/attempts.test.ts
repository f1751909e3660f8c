import { expect, test } from 'vitest'
import { firstAnswer, type Trouble } from '../../../src/agents/models/attempts.ts'
import type { Catalog } from '../../../src/agents/models/catalog.ts'
import { ownTime } from '../../outbound/time.ts'
import { catalogOf, collect, request } from './models.ts'
import { begin, compatible, fail, type Reply, said, say, serve } from './server.ts'

const never = new AbortController().signal

/** Asks, letting every wait pass at once and keeping how long it was. */
async function answer(
  catalog: Catalog,
  time: ReturnType<typeof ownTime>,
  wanted: string | null = null,
  signal = never,
  asked = request('hi'),
) {
  const troubles: Trouble[] = []
  const waits: number[] = []
  const later = (ms: number, run: () => void) => {
    waits.push(ms)
    queueMicrotask(() => time.pass(ms))
    return time.after(ms, run)
  }
  const given = firstAnswer(catalog.choose(wanted), async () => asked, signal, {
    later,
    onTrouble: trouble => troubles.push(trouble),
  })
  const text: string[] = []
  try {
    const all: string[] = []
    for await (const { model, event } of given) {
      all.push(model.name)
      if (event.type === 'text') text.push(event.text)
    }
    return { text: text.join(''), model: all[0], waits, troubles }
  } catch (error) {
    return { text: text.join(''), error, waits, troubles }
  }
}

/** Replies in turn; the last one for ever. */
const inTurn =
  (...replies: readonly Reply[]): Reply =>
  (response, asked, count) =>
    replies[Math.min(count, replies.length) - 1]!(response, asked, count)

test('[AGENT-10] a model that is in trouble is asked again, twice at the most, with longer waits', async () => {
  const time = ownTime()
  const lucky = await serve(inTurn(fail(503, 'oops'), fail(500, 'oops'), say('here')))
  expect(await answer(catalogOf([compatible(lucky.url)], 'local/m', { time }), time)).toMatchObject({
    text: 'here',
    waits: [500, 2000],
  })
  const dead = await serve(fail(503, 'oops'))
  const { error, waits, troubles } = await answer(catalogOf([compatible(dead.url)], 'local/m', { time }), time)
  expect(error).toMatchObject({ code: 'overloaded' })
  expect(waits).toEqual([500, 2000])
  expect(dead.asked).toHaveLength(3)
  expect(troubles.map(({ next }) => next)).toEqual([{ wait: 500 }, { wait: 2000 }, null])
})

test('[AGENT-10] the wait that a provider asks for is kept, in seconds, milliseconds or as a date', async () => {
  const time = ownTime()
  for (const [headers, wait] of [
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after-ms': '2500' }, 2500],
    [{ 'retry-after': new Date(time.clock.now() + 9000).toUTCString() }, 9000],
    [{ 'retry-after': '0' }, 500],
    [{ 'retry-after': 'soon' }, 500],
  ] as const) {
    const own = ownTime()
    const { url } = await serve(inTurn(fail(429, 'slow down', { ...headers }), say('here')))
    expect(await answer(catalogOf([compatible(url)], 'local/m', { time: own }), own)).toMatchObject({
      text: 'here',
      waits: [wait],
    })
  }
})

test('[AGENT-10] a provider that wants to be left alone for long is not waited for', async () => {
  const time = ownTime()
  const busy = await serve(fail(429, 'slow down', { 'retry-after': '60' }))
  const spare = await serve(say('spare'))
  const catalog = catalogOf([compatible(busy.url, 'busy'), compatible(spare.url, 'spare')], 'busy/m', {
    time,
    fallback: 'spare/n',
  })
  const { troubles, ...rest } = await answer(catalog, time)
  expect(rest).toEqual({ text: 'spare', model: 'spare/n', waits: [] })
  expect(troubles).toMatchObject([{ model: 'busy/m', fault: { code: 'rate_limited' }, next: { model: 'spare/n' } }])
})

test('[AGENT-10] a model that refuses is not asked again; the next one is', async () => {
  const time = ownTime()
  const picky = await serve((response, asked, count) =>
    asked.body.model === 'm'
      ? say('standard')(response, asked, count)
      : fail(404, 'no such model')(response, asked, count),
  )
  const catalog = catalogOf([compatible(picky.url)], 'local/m', { time })
  expect(await answer(catalog, time, 'local/other')).toMatchObject({ text: 'standard', model: 'local/m', waits: [] })
  expect(picky.asked.map(({ body }) => body.model)).toEqual(['other', 'm'])
})

test('[AGENT-10] a model that says nothing at all counts as one that failed', async () => {
  const time = ownTime()
  const { url } = await serve(inTurn(say(), say('here')))
  expect(await answer(catalogOf([compatible(url)], 'local/m', { time }), time)).toMatchObject({
    text: 'here',
    waits: [500],
  })
})

test('[AGENT-11] after the first word nothing is tried again', async () => {
  const time = ownTime()
  const first = await serve(response => begin(response, said('half')).end())
  const spare = await serve(say('spare'))
  const catalog = catalogOf([compatible(first.url), compatible(spare.url, 'spare')], 'local/m', {
    time,
    fallback: 'spare/n',
  })
  const { text, error, waits } = await answer(catalog, time)
  expect({ text, waits }).toEqual({ text: 'half', waits: [] })
  expect(error).toMatchObject({ code: 'broken' })
  expect(first.asked).toHaveLength(1)
  expect(spare.asked).toHaveLength(0)
})

test('[AGENT-13] who no longer wants an answer does not wait for the next attempt', async () => {
  const time = ownTime()
  const { url, asked } = await serve(fail(503, 'oops'))
  const end = new AbortController()
  const given = firstAnswer(
    catalogOf([compatible(url)], 'local/m', { time }).choose(null),
    async () => request('hi'),
    end.signal,
    { later: time.after, onTrouble: () => end.abort(new Error('enough')) },
  )
  await expect(collect(given)).rejects.toEqual(new Error('enough'))
  expect(asked).toHaveLength(1)
  expect(time.waits()).toEqual([])
})

test('[AGENT-3] [AGENT-5] the model that is asked for comes first, then the standard one and the fallback, none twice', () => {
  const providers = [compatible('http://127.0.0.1:1/v1', 'here'), compatible('http://127.0.0.1:1/v1', 'there')]
  const catalog = catalogOf(providers, 'here/a', { fallback: 'there/org/b' })
  const names = (wanted: string | null) => catalog.choose(wanted).map(({ name }) => name)
  expect(names(null)).toEqual(['here/a', 'there/org/b'])
  expect(names('there/c')).toEqual(['there/c', 'here/a', 'there/org/b'])
  expect(names('there/org/b')).toEqual(['there/org/b', 'here/a'])
  expect(names('org/b')).toEqual(['there/org/b', 'here/a'])
  for (const unknown of ['gpt-4', '', '/', 'here/', 'nowhere/a', 'HERE/a', 'b'])
    expect(names(unknown), unknown).toEqual(names(null))
})

test('[AGENT-4] a name that could lead elsewhere is no name', () => {
  const catalog = catalogOf([compatible('http://127.0.0.1:1/v1', 'here')], 'here/a')
  for (const name of [
    '../admin',
    'a/../../b',
    '..',
    './a',
    'a/.',
    'a//b',
    '/a',
    'a/',
    'a?b',
    'a#b',
    'a b',
    'a%2fb',
    'a\nb',
    'ä',
    'a'.repeat(301),
  ])
    expect(
      catalog.choose(`here/${name}`).map(model => model.name),
      name,
    ).toEqual(['here/a'])
})

test('[AGENT-4] where a list says what people may ask for, everything else counts as unknown', () => {
  const providers = [compatible('http://127.0.0.1:1/v1', 'here'), compatible('http://127.0.0.1:1/v1', 'there')]
  const catalog = catalogOf(providers, 'here/a', { allowed: ['here/b', 'there/*'] })
  const first = (wanted: string) => catalog.choose(wanted)[0]!.name
  expect(first('here/b')).toBe('here/b')
  expect(first('b')).toBe('here/b')
  expect(first('there/x')).toBe('there/x')
  for (const refused of ['here/c', 'c', '*', 'there/*']) expect(first(refused), refused).toBe('here/a')
})

test('[AGENT-18] a compatible server that knows no tools is asked once more without any, and the log says so', async () => {
  for (const status of [400, 404]) {
    const time = ownTime()
    const old = await serve((response, asked, count) =>
      asked.body.tools
        ? fail(status, 'm does not support tools')(response, asked, count)
        : say('here')(response, asked, count),
    )
    const tools = [{ name: 'weather', description: 'Says it.', parameters: { type: 'object' } }]
    const catalog = catalogOf([compatible(old.url)], 'local/m', { time })
    expect(await answer(catalog, time, null, never, { ...request('hi'), tools })).toMatchObject({
      text: 'here',
      waits: [],
      troubles: [{ model: 'local/m', next: { without: 'tools' } }],
    })
    expect(old.asked).toHaveLength(2)
    const picky = await serve(fail(status, 'no'))
    const { troubles } = await answer(catalogOf([compatible(picky.url)], 'local/m', { time }), time, null, never, {
      ...request('hi'),
      tools,
    })
    expect(troubles.map(({ next }) => next)).toEqual([{ without: 'tools' }, null])
  }
})
