import { expect, onTestFinished, test } from 'vitest'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuard } from '../../src/outbound/guard.ts'
import { createVerifier } from '../../src/outbound/verifier.ts'
import { inbox } from '../outbound/servers.ts'

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

function verifierOf(options: Partial<Parameters<typeof createVerifier>[0]>, allow = '') {
  const guard = createGuard({ allowed: readAllowed(allow).allowed })
  onTestFinished(() => guard.close())
  const failures: string[] = []
  const verifier = createVerifier({ accepted: [], url: null, ...options }, guard, failure => failures.push(failure))
  return { ...verifier, failures }
}

test('[ASSIST-60] a list has tokens, keys and names with passwords, whatever header they come in', async () => {
  const { verify } = verifierOf({ accepted: ['sk-1', 'user:pass word'] })
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  for (const headers of [bearer('sk-1'), { 'X-API-Key': 'sk-1' }, basic('user:pass word'), { A: 'x', B: 'sk-1' }])
    expect(await verify(headers)).toEqual({ state: 'accepted' })
  for (const headers of [bearer('sk-2'), { 'X-API-Key': 'sk-1 ' }, basic('user:pass'), bearer('user:pass'), {}])
    expect(await verify(headers)).toEqual({ state: 'rejected', detail: null })
})

test('[ASSIST-61] an address is asked with the headers; a 2xx accepts, what it says else is passed on', async () => {
  const server = await inbox(({ headers }, response) => {
    const { authorization = '' } = headers
    if (authorization === 'Bearer sk-1') response.writeHead(204).end()
    else if (authorization === 'Bearer sk-2') response.writeHead(401).end('{"detail":"Token expired"}')
    else if (authorization === 'Bearer sk-3') response.writeHead(302, { Location: '/elsewhere' }).end()
    else response.writeHead(500).end('<html>')
  })
  const { verify } = verifierOf({ url: `${server.url}/check?x=1` }, '127.0.0.1')
  expect(await verify(bearer('sk-1'))).toEqual({ state: 'accepted' })
  expect(await server.next()).toMatchObject({ method: 'GET', path: '/check?x=1', body: '' })
  expect(await verify(bearer('sk-2'))).toEqual({ state: 'rejected', detail: 'Token expired' })
  for (const token of ['sk-3', 'sk-4']) expect(await verify(bearer(token))).toEqual({ state: 'rejected', detail: null })
  expect(server.unread()).toBe(3)
})

test('[ASSIST-61] an address that is not asked lets nobody in', async () => {
  const server = await inbox()
  const { verify, failures } = verifierOf({ url: server.url, accepted: ['sk-1'] })
  expect(await verify(bearer('sk-2'))).toEqual({ state: 'rejected', detail: null })
  expect(failures).toEqual(['address_refused'])
  expect(await verify(bearer('sk-1'))).toEqual({ state: 'accepted' })
  expect(server.connections()).toBe(0)
})
