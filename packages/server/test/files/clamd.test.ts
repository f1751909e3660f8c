import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createClamdScanner } from '../../src/files/clamd.ts'
import { needs } from '../needs.ts'
import { folder } from '../system/folder.ts'
import { EICAR, falseClamd, realClamd } from './clamd.ts'

const streamOf = (...pieces: readonly (string | Buffer)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === 'string' ? Buffer.from(piece) : piece)
      controller.close()
    },
  })

/** Answers once the whole stream has come. */
const afterAll = (answer: string) => (socket: Socket) => {
  let got: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    got = Buffer.concat([got, bytes])
    if (got.subarray(-4).equals(Buffer.alloc(4))) socket.write(answer)
  })
}

needs('clamd')('[FILE-10] the real clamd: clean, infected, and over its limits', async () => {
  const scanner = createClamdScanner({ address: await realClamd() })
  expect(await scanner.scan(streamOf('nothing but ', 'words'))).toEqual({ state: 'clean' })
  expect(await scanner.scan(streamOf(''))).toEqual({ state: 'clean' })
  const [half, rest] = [EICAR.slice(0, 30), EICAR.slice(30)]
  expect(await scanner.scan(streamOf(half, rest))).toEqual({ state: 'infected', signature: 'Parley.Eicar.UNOFFICIAL' })
  // Larger than what clamd looks at: it must not be taken for clean.
  const large = await scanner.scan(streamOf(Buffer.alloc(1_500_000, 'x')))
  expect(large).toEqual({ state: 'infected', signature: expect.stringContaining('Heuristics.Limits.Exceeded') })
  // Larger than what clamd takes.
  const steps = Array.from({ length: 40 }, () => Buffer.alloc(256 * 1024, 'x'))
  expect(await scanner.scan(streamOf(...steps))).toMatchObject({ state: 'unsure' })
  expect(await scanner.scan(streamOf('words'))).toEqual({ state: 'clean' })
})

test('[FILE-11] sends the command, each step with its length, and an empty one last', async () => {
  let got: Buffer = Buffer.alloc(0)
  const address = await falseClamd(socket => {
    socket.on('data', (bytes: Buffer) => {
      got = Buffer.concat([got, bytes])
    })
    afterAll('stream: OK\0')(socket)
  })
  expect(await createClamdScanner({ address }).scan(streamOf('abc', '', 'de'))).toEqual({ state: 'clean' })
  expect(got.toString('latin1')).toBe('zINSTREAM\0\0\0\0\x03abc\0\0\0\x02de\0\0\0\0')
})

test('[FILE-11] speaks to a host and port as well', async () => {
  const server = createServer(afterAll('stream: Some.Thing FOUND\0'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const verdict = await createClamdScanner({ address }).scan(streamOf('x'))
  expect(verdict).toEqual({ state: 'infected', signature: 'Some.Thing' })
})

test.each([
  ['an error', 'INSTREAM size limit exceeded. ERROR\0'],
  ['an error about the stream', "stream: Can't allocate memory ERROR\0"],
  ['a word it never said before', 'stream: FINE\0'],
  ['more than one word', 'stream: OK and more\0'],
  ['OK of something else', 'other: OK\0'],
  ['nothing', '\0'],
  ['rubbish', '\xff\xfe\0'],
])('[FILE-12] answered with %s it is unsure', async (_, answer) => {
  const address = await falseClamd(afterAll(answer))
  expect(await createClamdScanner({ address }).scan(streamOf('x'))).toEqual({
    state: 'unsure',
    why: expect.stringContaining('clamd says'),
  })
})

test.each<[string, (socket: Socket) => void, string]>([
  ['is silent', () => undefined, 'took too long'],
  ['hears all and is silent', socket => socket.resume(), 'took too long'],
  ['is cut off at once', socket => socket.destroy(), ''],
  ['is cut off after half an answer', afterAll('stream: OK'), 'took too long'],
  ['hangs up after half an answer', socket => socket.on('data', () => socket.end('stream: O')), ''],
  ['never ends its answer', afterAll('stream: '.repeat(2_000)), 'too much'],
])('[FILE-12] when clamd %s it is unsure', async (_, talk, why) => {
  const address = await falseClamd(talk)
  const steps = Array.from({ length: 8 }, () => Buffer.alloc(256 * 1024))
  const verdict = await createClamdScanner({ address, timeout: 100 }).scan(streamOf(...steps))
  expect(verdict).toEqual({ state: 'unsure', why: expect.stringContaining(why) })
})

test('[FILE-12] an OK before everything was sent is none', async () => {
  const address = await falseClamd(socket => {
    socket.write('stream: OK\0')
    socket.resume()
  })
  const steps = Array.from({ length: 40 }, () => Buffer.alloc(256 * 1024))
  expect(await createClamdScanner({ address }).scan(streamOf(...steps))).toMatchObject({ state: 'unsure' })
})

test('[FILE-12] where there is no clamd it is unsure', async () => {
  const address = join(folder(), 'nobody')
  const verdict = await createClamdScanner({ address }).scan(streamOf('x'))
  expect(verdict).toEqual({ state: 'unsure', why: expect.stringContaining('ENOENT') })
})

test('[FILE-12] a file that can not be read to its end is unsure, and let go', async () => {
  const address = await falseClamd(afterAll('stream: OK\0'))
  const broken = new ReadableStream<Uint8Array>({
    pull: controller => controller.error(new Error('the disk is broken')),
  })
  const verdict = await createClamdScanner({ address }).scan(broken)
  expect(verdict).toEqual({ state: 'unsure', why: 'the disk is broken' })
})
