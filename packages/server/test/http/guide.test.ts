import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'
import { needs } from '../needs.ts'
import { openSite } from './site.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/accounts.md'), 'utf8')
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)

needs('bash', 'curl')('[DOCS-6] the shell session of docs/accounts.md does what the page says', async () => {
  await using site = await openSite()
  const run = async (script: string, env: Record<string, string> = {}) => {
    const here = script.replaceAll('localhost:8000', `127.0.0.1:${site.port}`)
    // -e: whatever answers something without the field that is read ends the session.
    const { stdout } = await promisify(execFile)('bash', ['-ec', here], { env: { ...process.env, ...env } })
    return stdout
  }
  const split = blocks.findIndex(block => block.includes('$MAILED'))
  const before = await run(blocks.slice(0, split).join(''))
  const answers = before.split(/(?<=\})(?=\{)/).map(answer => Object.keys(JSON.parse(answer))[0])
  expect(answers).toEqual(['id', 'id', 'valid', 'token', 'message', 'message'])
  // The answer does not wait for the mail.
  const mail = await vi.waitFor(() => site.mails[0] ?? expect.fail('no mail yet'))
  const MAILED = /token=(\w+)/.exec(mail.text)?.[1] ?? ''
  const after = await run([blocks[0], ...blocks.slice(split)].join(''), { MAILED })
  expect(after).toBe('{"message":"Password set"}{"message":"Successfully logged out"}')
})
