import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { needs } from '../needs.ts'
import { folder } from '../system/folder.ts'
import { run, start } from './server.ts'

/** Makes a certificate that `name` signed itself, in place. */
function certify(place: { TLS_KEY_FILE: string; TLS_CERT_FILE: string }, name: string): void {
  const files = ['-keyout', place.TLS_KEY_FILE, '-out', place.TLS_CERT_FILE]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, '-subj', `/CN=${name}`, '-days', '1'], {
    stdio: 'ignore',
  })
}

function files() {
  const directory = folder()
  return { TLS_KEY_FILE: join(directory, 'key.pem'), TLS_CERT_FILE: join(directory, 'cert.pem') }
}

/** The name on the certificate that a server shows. */
async function shownName(url: string): Promise<string | string[] | undefined> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return subject.CN
}

needs('openssl')('[OPS-35] with TLS files the server speaks TLS, and reads them again on SIGHUP', async () => {
  const tls = files()
  certify(tls, 'first.example')
  const server = await start({ DATA_DIR: folder(), ...tls })
  expect(server.url).toMatch(/^https:/)
  expect(await shownName(server.url)).toBe('first.example')
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}/ws?api_key=wrong`, { rejectUnauthorized: false })
  const [, response] = await once(
    socket.on('error', () => undefined),
    'unexpected-response',
  )
  expect(response.statusCode).toBe(401)
  response.destroy()

  certify(tls, 'second.example')
  server.kill('SIGHUP')
  await expect.poll(() => shownName(server.url)).toBe('second.example')

  writeFileSync(tls.TLS_CERT_FILE, 'no certificate')
  server.kill('SIGHUP')
  await expect.poll(() => server.output()).toContain('kept the TLS files that were read before')
  expect(await shownName(server.url)).toBe('second.example')
  expect((await server.stop()).code).toBe(0)
})

test('[OPS-30] TLS files that are no good end the start in plain words', async () => {
  const { code, errors } = await run({ DATA_DIR: folder(), TLS_KEY_FILE: '/dev/null', TLS_CERT_FILE: '/dev/null' })
  expect(code).toBe(1)
  expect(errors).toMatch(/^Parley can't start\.\nTLS_KEY_FILE and TLS_CERT_FILE can't be used: [^\n]+\n$/)
})
