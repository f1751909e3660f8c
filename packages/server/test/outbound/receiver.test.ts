import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuard } from '../../src/outbound/guard.ts'
import { publicKeyDocument, signatureHeaders } from '../../src/outbound/signing.ts'
import { serveHttp } from './servers.ts'
import { testKey } from './signing-key.ts'

const page = readFileSync(new URL('../../../../docs/webhooks.md', import.meta.url), 'utf8')

test('[OUT-32] the receiver of the documentation takes what Parley sends and refuses what it does not', async () => {
  const key = testKey()
  const parley = await serveHttp((_, response) => response.end(JSON.stringify(publicKeyDocument(key))))
  const { port, line } = await start(/```ts\n(.*?)```/s.exec(page)?.[1] ?? '', parley.url)
  const guard = createGuard({ allowed: readAllowed('127.0.0.1').allowed })
  onTestFinished(() => guard.close())
  const post = async (
    message: object,
    change: { at?: number; headers?: Record<string, string>; body?: string } = {},
  ) => {
    const body = Buffer.from(JSON.stringify(message))
    const headers = { ...signatureHeaders(key, 'an-id', change.at ?? Date.now(), body), ...change.headers }
    const url = `http://127.0.0.1:${port}/`
    const call = { method: 'POST', url, headers, body: change.body ?? body, timeout: 5_000, bodyMax: 0 } as const
    const answer = await guard.call(call)
    return answer.state === 'answered' ? answer.status : answer.failure
  }
  const message = (content: string, to: string | null) => ({ from_username: 'ada', content, to_user_id: to })

  expect(await post(message('forged', null), { body: '{}' })).toBe(401)
  expect(await post(message('forged', null), { headers: { 'webhook-id': 'another' } })).toBe(401)
  expect(await post(message('forged', null), { headers: { 'webhook-signature': 'v1a,AAAA' } })).toBe(401)
  expect(await post(message('played back', null), { at: Date.now() - 301_000 })).toBe(401)
  expect(await post(message('undated', null), { headers: { 'webhook-timestamp': 'now' } })).toBe(401)
  expect(await post(message('for somebody else', 'bob'))).toBe(204)
  expect(await post(message('for me', 'me'))).toBe(204)
  expect(await line()).toBe('ada: for me')
  expect(await post(message('for all', null))).toBe(204)
  expect(await line()).toBe('ada: for all')
})

/** Runs the program until the test ends. `line` is the next line it writes. */
async function start(program: string, parley: string) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    env: { PARLEY_URL: parley, MY_USER_ID: 'me', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill()
    await new Promise(resolve => child.once('exit', resolve))
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async () => (await lines.next()).value
  const port = /port: (\d+)/.exec((await line()) ?? '')?.[1]
  return { port, line }
}
