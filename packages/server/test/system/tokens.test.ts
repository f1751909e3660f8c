import { randomBytes, randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import type { SignInId, UserId } from '../../src/core/ids.ts'
import type { Claims } from '../../src/core/ports/tokens.ts'
import { deriveKey } from '../../src/system/keyring.ts'
import { createTokens } from '../../src/system/tokens.ts'

const secret = randomBytes(32)
const tokens = createTokens(secret)
const NOW = 1_700_000_000_000

const claims: Claims = {
  type: 'access',
  user: randomUUID() as string as UserId,
  name: 'Ann',
  role: 'member',
  signIn: randomUUID() as string as SignInId,
  id: 'abc',
  issuedAt: NOW,
  expiresAt: NOW + 60_000,
}

/** What a token of ours holds, to be signed otherwise. */
const payload = {
  type: 'access',
  sub: claims.user,
  username: 'Ann',
  role: 'member',
  sid: claims.signIn,
  jti: 'abc',
  iat: NOW / 1000,
  exp: NOW / 1000 + 60,
  iss: 'parley',
  aud: 'parley',
}

const key = deriveKey(secret, 'tokens')
const signed = (over: object = {}, by: Uint8Array = key, alg = 'HS256') =>
  new SignJWT({ ...payload, ...over }).setProtectedHeader({ alg }).sign(by)

test('[ACC-20] a token says what was signed, until it expires, also after a restart', async () => {
  const token = await tokens.sign(claims)
  expect(await tokens.read(token, NOW)).toEqual({ state: 'good', claims })
  expect(await createTokens(secret).read(token, NOW + 59_000)).toEqual({ state: 'good', claims })
  expect(await tokens.read(token, NOW + 60_000)).toEqual({ state: 'expired' })
  expect(await tokens.read(await signed(), NOW)).toEqual({ state: 'good', claims })
})

test('[ACC-20] it holds who, of which sign-in and until when, and nothing secret', async () => {
  const [header, body] = (await tokens.sign(claims)).split('.').map(part => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'JWT' })
  expect(JSON.parse(body ?? '')).toEqual(payload)
})

test('[ACC-21] what this server did not sign, and what it signed for another use, is malformed', async () => {
  const { exp: _, ...endless } = payload
  const forged = {
    'no token': 'abc',
    'no JSON': 'a.b.c',
    empty: '',
    unsigned: new UnsecuredJWT(payload).encode(),
    'of another secret': await createTokens(randomBytes(32)).sign(claims),
    'signed with the bare secret': await signed({}, secret),
    'of another algorithm': await signed({}, key, 'HS512'),
    'for another audience': await signed({ aud: 'elsewhere' }),
    'without an audience': await signed({ aud: undefined }),
    'of another issuer': await signed({ iss: 'elsewhere' }),
    'without an end': await new SignJWT(endless).setProtectedHeader({ alg: 'HS256' }).sign(key),
    'of no known type': await signed({ type: 'admin' }),
    'without a sign-in': await signed({ sid: undefined }),
    'whose user is no id': await signed({ sub: '1 OR 1=1' }),
    'changed by one letter': (await signed()).replace(/.$/, letter => (letter === 'A' ? 'Q' : 'A')),
  }
  for (const [what, token] of Object.entries(forged)) {
    expect([what, await tokens.read(token, NOW)]).toEqual([what, { state: 'malformed' }])
  }
  const late = await createTokens(randomBytes(32)).sign({ ...claims, expiresAt: NOW - 1000 })
  expect(await tokens.read(late, NOW)).toEqual({ state: 'malformed' })
})
