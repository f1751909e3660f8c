import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { collect } from './server.ts'

const STOP = fileURLToPath(new URL('../../src/start/stop.ts', import.meta.url))

test.each([
  ['throws', "setTimeout(() => { throw new Error('boom') })", 'a fault was not caught'],
  ['rejects', "Promise.reject(new Error('boom'))", 'a failed promise was not caught'],
  ['loses its writer', "logFaults(log)(new StoreFailed('crashed', new Error('boom')))", 'a fault'],
])('[OPS-34] a server that %s logs it and ends with 1', async (_, fault, text) => {
  const script = `
    import { dieOnFaults, logFaults } from ${JSON.stringify(STOP)}
    import { StoreFailed } from ${JSON.stringify(STOP.replace('start/stop.ts', 'core/ports/store.ts'))}
    const log = { error: ({ err }, text) => console.log(text + ': ' + (err.cause ?? err).message) }
    dieOnFaults(log)
    setInterval(() => {}, 1000)
    ${fault}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
  const output = collect(child.stdout)
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  expect(output()).toContain(text)
  expect(output()).toContain('boom')
})
