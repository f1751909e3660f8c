import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChatClient } from '@parley/client/chat'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from '../../../examples/support/server.ts'
import { folder } from '../../server/test/system/folder.ts'
import { openPipes, runPipes } from './fixture/program.ts'

let server: Server
let [ann, bob] = [{}, {}] as [Record<string, string>, Record<string, string>]
beforeAll(async () => {
  // One test looks again and again until something is found.
  server = await startServer({ SEARCH_RATE_LIMIT: '100000/1' })
  const env = async (name: string) => ({ PARLEY_URL: server.url, PARLEY_API_KEY: await server.register(name) })
  ;[ann, bob] = [await env('ann'), await env('bob')]
}, 30_000)
afterAll(() => server[Symbol.asyncDispose]())

const objects = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

test('[TERM-20] json: a message from a pipe is stored once, everything is an object, and the end is 0', async () => {
  const { code, output, errors } = await runPipes(['--json', '--room', 'piped'], 'hi\n{"text":"{there}"}\n', {
    env: ann,
  })
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const told = objects(output)
  expect(told.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['signed_in', 'entered', 'sending', 'message', 'sent']),
  )
  expect(told.filter(({ type }) => type === 'message').map(({ message }) => message.content)).toEqual(['hi', '{there}'])

  await using client = await ChatClient.open({ url: server.url, apiKey: bob.PARLEY_API_KEY ?? '' })
  const { messages } = await (await client.join('piped')).history()
  expect(messages.map(({ content }) => content)).toEqual(['hi', '{there}'])
})

test('[TERM-20] json: events of others while the input is open; a question; a refusal is 5', async () => {
  const listener = openPipes(['--json', '--room', 'asked'], { env: bob })
  await listener.until(() => listener.output().includes('"entered"'))
  const asked = await runPipes(['--json', '--room', 'asked'], '{"command":"/ask 2+2*3"}\n', { env: ann })
  expect(asked.code).toBe(0)
  expect(objects(asked.output).findLast(({ type }) => type === 'message').message.content).toBe('2+2*3 = 8')
  await listener.until(() => listener.output().includes('2+2*3 = 8'))
  listener.kill('SIGTERM')
  expect(await listener.ended).toBe(0)
  const refused = await runPipes(['--json', '--room', 'asked'], `${'x'.repeat(10_001)}\n{"command":"/nope"}\n`, {
    env: ann,
  })
  expect(refused.code).toBe(5)
  expect(
    objects(refused.output)
      .filter(({ code }) => code)
      .map(({ code }) => code)
      .toSorted(),
  ).toEqual(['BODY_TOO_LONG', 'INVALID'])
})

test('[TERM-26] the latest answer is given again, also by whoever comes later; what is whole is not gone on with', async () => {
  const first = await runPipes(['--json', '--room', 'again'], '{"command":"/regenerate"}\n{"command":"/ask 3*3"}\n', {
    env: ann,
  })
  expect(objects(first.output).find(({ code }) => code)).toMatchObject({ code: 'RUN_UNKNOWN' })
  const again = await runPipes(['--json', '--room', 'again'], '{"command":"/regenerate"}\n', { env: ann })
  expect(again.code).toBe(0)
  const answers = objects(again.output).flatMap(({ type, message }) =>
    type === 'message' && message.run ? [message] : [],
  )
  expect(answers).toMatchObject([{ content: '3*3 = 9', run: { origin: { how: 'regenerate' } } }])
  const whole = await runPipes(['--json', '--room', 'again'], '{"command":"/continue"}\n', { env: ann })
  expect(whole.code).toBe(5)
  expect(objects(whole.output).find(({ code }) => code)).toMatchObject({ code: 'NOTHING_TO_CONTINUE' })
})

test('[TERM-20] the exit codes: no server 1, no sense 2, refused 3', async () => {
  const run = async (args: readonly string[], env = {}) => {
    const { code, output, errors } = await runPipes(args, 'hi\n', { env })
    expect(output).toBe('')
    expect(errors).toMatch(/^Error: /)
    expect(errors).not.toContain('secret')
    return code
  }
  expect(await run(['--json'], { PARLEY_URL: 'http://127.0.0.1:9', PARLEY_API_KEY: 'secret' })).toBe(1)
  expect(await run(['--json'], { PARLEY_URL: server.url })).toBe(2)
  expect(await run(['--bogus', '--token', 'secret'])).toBe(2)
  expect(await run(['--json', '--token', 'secret', '--url', server.url])).toBe(3)
  expect(await run(['--json', '--api-key', 'secret', '--url', server.url])).toBe(3)
})

test('[TERM-20] a lost connection that does not come back in time is 4', async () => {
  await using own = await startServer()
  const env = { PARLEY_URL: own.url, PARLEY_API_KEY: await own.register('ann') }
  const program = openPipes(['--json', '--timeout', '0.2'], { env })
  await program.until(() => program.output().includes('"entered"'))
  await own.stop()
  expect(await program.ended).toBe(4)
  expect(objects(program.output()).at(-1)).toMatchObject({ type: 'connection', state: 'waiting' })
})

test('[TERM-21] plain: a conversation in lines, without a control character', async () => {
  const program = openPipes(['--room', 'plain'], { env: ann })
  await program.until(() => program.output().includes('── plain ──'))
  await runPipes(['--json', '--room', 'plain'], '{"text":"one\\ntwo\\u001b[2J"}\n', { env: bob })
  program.write('/who\n@bob hello\n')
  await program.until(() => program.output().includes('hello'))
  program.end('/members\n')
  expect(await program.ended).toBe(0)
  expect(
    program
      .output()
      .replaceAll(/^\d\d:\d\d/gm, '00:00')
      .split('\n'),
  ).toEqual(
    expect.arrayContaining(['Connected.', '00:00 bob: one ⏎ two␛[2J', '  ann: online', '00:00 ann: @bob hello']),
  )
  expect(program.output().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('[TERM-22] files go up and come down, and a download overwrites nothing and stays where it is wanted', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'soup.txt'), 'water, salt, luck')
  const up = await runPipes(['--json', '--room', 'files'], '{"command":"/upload soup.txt"}\n', { env: ann, cwd })
  expect(up.code).toBe(0)
  const { where: id } = objects(up.output).find(({ type }) => type === 'transferred')
  const down = await runPipes(['--json', '--room', 'files'], `{"command":"/download ${id} got.txt"}\n`, {
    env: ann,
    cwd,
  })
  expect(objects(down.output).find(({ type }) => type === 'transferred')).toMatchObject({
    outcome: 'done',
    where: 'got.txt',
  })
  expect(readFileSync(join(cwd, 'got.txt'), 'utf8')).toBe('water, salt, luck')
  const again = await runPipes(['--room', 'files'], `/download ${id} got.txt\n/upload nothing.txt\n`, { env: ann, cwd })
  expect(again.code).toBe(5)
  expect(again.output).toContain('There is a file got.txt already')
  expect(again.output).toContain('Upload of nothing.txt: failed.')
})

test('[TERM-26] a search in all rooms, for people and for programs, and what it has more of', async () => {
  await using client = await ChatClient.open({ url: server.url, apiKey: bob.PARLEY_API_KEY ?? '' })
  const room = await client.join('searched', { type: 'shared' })
  for (let i = 1; i <= 21; i++) await room.send(`Crème brûlée ${i}`)
  while ((await room.search('creme')).results[0]?.excerpt !== 'Crème brûlée 21');
  const told = await runPipes(
    ['--json', '--room', 'searched'],
    '{"command":"/search creme bru"}\n{"command":"/search"}\n',
    {
      env: bob,
    },
  )
  expect(told.code).toBe(0)
  const [first, second] = objects(told.output).filter(({ type }) => type === 'found')
  expect(first).toMatchObject({ text: 'creme bru', more: true })
  expect(first.results[0]).toMatchObject({
    room_id: 'searched',
    excerpt: 'Crème brûlée 21',
    hits: [
      [0, 5],
      [6, 12],
    ],
  })
  expect(second.results).toMatchObject([{ excerpt: 'Crème brûlée 1' }])
  const shown = await runPipes(['--room', 'searched'], '/search "brulee 7"\n/search\n', { env: bob })
  expect(shown.code).toBe(5)
  expect(shown.output).toMatch(/^── Found: "brulee 7" ──\n\d{4}-\d\d-\d\d \d\d:\d\d searched, bob: Crème brûlée 7\n/m)
  expect(shown.output).toContain('It has to be: /search WORDS')
})
