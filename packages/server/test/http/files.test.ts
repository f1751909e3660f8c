import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFiles } from '../../src/files/disk.ts'
import { sha256 } from '../files/core.ts'
import { folder } from '../system/folder.ts'
import { until } from '../world.ts'
import { unseen } from './contract.ts'
import { told } from './people.ts'
import { openSite, type Person, type Site, type SiteOptions } from './site.ts'

async function openDepot(options: SiteOptions = {}) {
  const directory = folder()
  const files = openFiles({ directory, temporary: join(directory, 'temp') })
  const site = await openSite({ files, ...options })
  return site
}

interface Sent {
  readonly name?: string
  readonly mimeType?: string
}

/** A file that `person` sent, and where it is. */
async function send(site: Site, person: Person, bytes: string | Buffer, sent: Sent = {}): Promise<string> {
  const actor = { kind: 'user', user: person.user, credential: { by: 'key', digest: '' } } as const
  const { name = 'notes.txt', mimeType = 'text/plain' } = sent
  const whole = Buffer.from(bytes as string) // or a buffer, which it copies
  const { upload, chunkMax } = await site.core.execute(actor, {
    ...{ type: 'upload.begin', name, size: whole.byteLength, mimeType, room: null },
  })
  const total = Math.ceil(whole.byteLength / chunkMax)
  for (let index = 0; index < total; index++) {
    const piece = whole.subarray(index * chunkMax, (index + 1) * chunkMax)
    await site.core.execute(actor, { type: 'upload.put', id: upload.id, index, total, bytes: piece })
  }
  await site.core.execute(actor, { type: 'upload.finish', id: upload.id, checksum: null })
  return `/api/v1/files/${upload.id}`
}

/** The bytes of an answer, as they come. */
const bytesAt = (site: Site, path: string, headers: Record<string, string>) =>
  new Promise<Buffer>((resolve, reject) => {
    request({ port: site.port, path, headers }, async response => {
      const got: Buffer[] = []
      for await (const bytes of response) got.push(bytes)
      resolve(Buffer.concat(got))
    })
      .on('error', reject)
      .end()
  })

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100)])

test('[FILE-70] a file comes whole, under its name and type, to be saved', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const whole = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 251))
  const path = await send(site, ann, whole, { name: 'Bericht „ä“ 100%.pdf', mimeType: 'application/pdf' })
  expect(await bytesAt(site, path, { 'X-API-Key': ann.key })).toEqual(whole)
  const { status, headers } = await site.ask('GET', path, { key: ann.key })
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-length': '700000',
    // The bytes are no PDF, whatever it says.
    'content-type': 'application/octet-stream',
    'content-disposition':
      'attachment; filename="Bericht ___ 100_.pdf"; filename*=UTF-8\'\'Bericht%20%E2%80%9E%C3%A4%E2%80%9C%20100%25.pdf',
    'accept-ranges': 'bytes',
    etag: `"${sha256(whole)}"`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-cache',
  })
})

test.each([
  ['a.png', 'image/png', PNG, 'image/png', 'inline'],
  ['a.txt', 'text/plain', 'words', 'text/plain; charset=utf-8', 'attachment'],
  ['a.pdf', 'application/pdf', '%PDF-1.7', 'application/pdf', 'attachment'],
  ['a.svg', 'image/svg+xml', '<svg onload="alert(1)"/>', 'application/octet-stream', 'attachment'],
  ['a.html', 'text/html', '<!doctype html><script>1</script>', 'application/octet-stream', 'attachment'],
  ['a.png', 'image/png', '<!doctype html><script>1</script>', 'application/octet-stream', 'attachment'],
  ['a.png', 'text/html', PNG, 'application/octet-stream', 'attachment'],
  ['a.js', 'text/javascript', 'alert(1)', 'application/octet-stream', 'attachment'],
  ['a.mp4', 'video/mp4', Buffer.from('\0\0\0\x20ftypisom'), 'video/mp4', 'inline'],
])('[FILE-71] %s of type %s: only what certainly is a picture, sound or film may be shown', async (...row) => {
  const [name, mimeType, bytes, type, how] = row
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, bytes, { name, mimeType })
  const kind = async (query: string) => {
    const { headers } = await site.ask('HEAD', path + query, { key: ann.key })
    return [headers['content-type'], headers['content-disposition']?.split(';', 1)[0]]
  }
  expect(await kind('')).toEqual([type, 'attachment'])
  expect(await kind('?inline=0')).toEqual([type, 'attachment'])
  expect(await kind('?inline=1')).toEqual([type, how])
})

test('[FILE-72] a name can not end its header', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, 'x', { name: 'a"; filename="evil.exe"\r\nX: y\\\'()*;.txt' })
  const { headers } = await site.ask('GET', path, { key: ann.key })
  expect([headers['content-disposition'], headers.x]).toEqual([
    "attachment; filename=\"'()*;.txt\"; filename*=UTF-8''%27%28%29%2A%3B.txt",
    undefined,
  ])
})

test('[FILE-73] HEAD tells all and sends nothing', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const { status, headers, text } = await site.ask('HEAD', path, { key: ann.key, headers: { Range: 'bytes=0-1' } })
  expect([status, headers['content-length'], headers['accept-ranges'], text]).toEqual([200, '6', 'bytes', ''])
})

test.each([
  ['bytes=0-2', 'abc', 'bytes 0-2/6'],
  ['bytes=2-', 'cdef', 'bytes 2-5/6'],
  ['bytes=5-5', 'f', 'bytes 5-5/6'],
  ['bytes=4-99', 'ef', 'bytes 4-5/6'],
  ['bytes=-2', 'ef', 'bytes 4-5/6'],
  ['bytes=-99', 'abcdef', 'bytes 0-5/6'],
  ['BYTES=0-0', 'a', 'bytes 0-0/6'],
])('[FILE-74] the range %s is that part', async (range, text, told) => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const { status, headers, ...answer } = await site.ask('GET', path, { key: ann.key, headers: { Range: range } })
  expect([status, answer.text, headers['content-range'], headers['content-length']]).toEqual([
    ...[206, text, told, String(text.length)],
  ])
})

test('[FILE-74] a range past the end is 416; what is no single range is ignored', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const ask = (Range: string) => site.ask('GET', path, { key: ann.key, headers: { Range } })
  for (const range of ['bytes=6-', 'bytes=6-9', 'bytes=-0', 'bytes=999999999999999-']) {
    const answer = await ask(range)
    expect([told(answer), answer.headers['content-range']]).toEqual([[416, 'The file has no such part'], 'bytes */6'])
  }
  for (const range of ['bytes=0-1,3-4', 'bytes=3-1', 'bytes=-', 'bytes=a-b', 'lines=1-2', `bytes=0-${'9'.repeat(40)}`])
    expect([(await ask(range)).status, (await ask(range)).text]).toEqual([200, 'abcdef'])
})

test('[FILE-74] If-Range asks for the part only while the bytes are the same; a known file is not sent again', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const tag = `"${sha256('abcdef')}"`
  const ask = async (headers: Record<string, string>) => {
    const { status, text } = await site.ask('GET', path, { key: ann.key, headers })
    return [status, text]
  }
  expect(await ask({ Range: 'bytes=0-0', 'If-Range': tag })).toEqual([206, 'a'])
  expect(await ask({ Range: 'bytes=0-0', 'If-Range': '"other"' })).toEqual([200, 'abcdef'])
  expect(await ask({ Range: 'bytes=0-0', 'If-Range': `W/${tag}` })).toEqual([200, 'abcdef'])
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*'])
    expect(await ask({ 'If-None-Match': known })).toEqual([304, ''])
  expect(await ask({ 'If-None-Match': '"other"' })).toEqual([200, 'abcdef'])
})

test('[FILE-75] without a right to it a file is not there; without a credential nothing is', async () => {
  await using site = await openDepot()
  const [ann, ben] = [await site.person('ann'), await site.person('ben')]
  const path = await send(site, ann, 'abcdef')
  expect(told(await site.ask('GET', path, { key: ben.key }))).toEqual([404, 'File not found'])
  expect(told(await site.ask('POST', `${path}/link`, { key: ben.key }))).toEqual([404, 'File not found'])
  expect(told(await site.ask('GET', '/api/v1/files/nonsense', { key: ann.key }))).toEqual([404, 'File not found'])
  expect(told(await site.ask('GET', path))).toEqual([401, 'Token missing'])
  expect((await site.ask('POST', `${path}/link`)).status).toBe(401)
  expect((await site.ask('GET', `${path}?inline=2`, { key: ann.key })).status).toBe(422)
})

test('[FILE-76] a link works without a credential, from any page, for five minutes, and for that file alone', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const [path, other] = [await send(site, ann, 'abcdef'), await send(site, ann, 'other')]
  const { body } = await site.ask('POST', `${path}/link`, { key: ann.key })
  expect(body).toEqual({ url: expect.stringMatching(`^${path}\\?token=[\\w.-]+$`), expires_in: 300 })
  const headers = { Origin: 'https://elsewhere.example', Range: 'bytes=0-1' }
  const answer = await site.ask('GET', body.url, { headers })
  expect([answer.status, answer.text, answer.headers['access-control-allow-origin']]).toEqual([206, 'ab', '*'])
  expect(answer.headers['access-control-expose-headers']).toContain('Content-Range')
  expect((await site.ask('GET', `${body.url}&inline=1`)).status).toBe(200)
  const query = body.url.slice(path.length)
  expect(told(await site.ask('GET', other + query))).toEqual([401, 'Invalid or expired token'])
  expect((await site.ask('GET', `${path}?token=guessed`, { key: ann.key })).status).toBe(401)
  expect((await site.ask('GET', `${path}?token=`, { key: ann.key })).status).toBe(422)
  expect((await site.ask('GET', path, { headers })).status).toBe(403)
  site.clock.advance(300_000)
  expect((await site.ask('GET', body.url)).status).toBe(401)
})

test('[FILE-77] who comes with a link is counted by address, and a file counts like any request', async () => {
  await using site = await openDepot({ http: { apiRate: { count: 2, seconds: 60 } } })
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const { body } = await site.ask('POST', `${path}/link`, { key: ann.key })
  const file = await site.ask('GET', path, { key: ann.key })
  expect(file.headers['x-ratelimit-remaining']).toBe('0')
  expect((await site.ask('GET', path, { key: ann.key })).status).toBe(429)
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await site.ask('GET', body.url)).status)
  expect(statuses).toEqual([200, 200, 429])
})

/** Whether this process has the file of a path open. */
function isOpen(path: string): boolean {
  const name = path.split('/').at(-1) ?? ''
  return readdirSync('/proc/self/fd').some(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith(name)
    } catch {
      return false // closed while we looked
    }
  })
}

test('[FILE-70] a client that goes away in the middle leaves no file open', async () => {
  await using site = await openDepot()
  const ann = await site.person('ann')
  const path = await send(site, ann, Buffer.alloc(20_000_000))
  const asked = request({ port: site.port, path, headers: { 'X-API-Key': ann.key } }).end()
  await new Promise(resolve => asked.once('response', response => response.once('readable', resolve)))
  expect(isOpen(path)).toBe(true)
  asked.destroy()
  await until(() => !isOpen(path))
})

test('[FILE-78] bytes that can not be read are a fault of ours, in words and in the log', async () => {
  const directory = folder()
  await using site = await openSite({ files: openFiles({ directory, temporary: join(directory, 'temp') }) })
  const ann = await site.person('ann')
  const path = await send(site, ann, 'abcdef')
  const id = path.split('/').at(-1) ?? ''
  rmSync(join(directory, id.slice(0, 2), id))
  expect(told(await site.ask('GET', path, { key: ann.key }))).toEqual([500, 'Internal Server Error'])
  expect(site.lines.filter(([level]) => level === 'error')).toMatchObject([
    ['error', { err: { code: 'ENOENT' } }, 'request failed'],
  ])
})

test('[HTTP-12] every documented status of files was seen', () => {
  expect(unseen('Files')).toEqual([])
})
