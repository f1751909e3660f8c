import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { SignInId, UserId } from '../core/ids.ts'
import type { Claims, ReadToken, Tokens } from '../core/ports/tokens.ts'
import { ROLES } from '../core/user.ts'
import { deriveKey } from './keyring.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'parley'
const AUDIENCE = 'parley'

/** What we put into a token beside the registered claims that `jose` checks itself. */
const payload = z.object({
  type: z.enum(['access', 'refresh', 'websocket']),
  sub: z.uuid(),
  username: z.string(),
  role: z.enum(ROLES),
  sid: z.uuid(),
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
})

/**
 * JSON Web Tokens: HMAC-SHA256 under a key of their own (HKDF-SHA256) from the server's secret. Algorithm, issuer and
 * audience are fixed, so that nothing in a token can choose how it is checked.
 */
export function createTokens(secret: Buffer): Tokens {
  const key = deriveKey(secret, 'tokens')
  return {
    sign: ({ type, user, name, role, signIn, id, issuedAt, expiresAt }) =>
      new SignJWT({ type, username: name, role, sid: signIn })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(user)
        .setJti(id)
        .setIssuedAt(seconds(issuedAt))
        .setExpirationTime(seconds(expiresAt))
        .sign(key),
    read: (token, at) => read(key, token, at),
  }
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

async function read(key: Uint8Array, token: string, at: number): Promise<ReadToken> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      currentDate: new Date(at),
      requiredClaims: ['exp'],
    })
    const claims = claimsOf(payload)
    return claims ? { state: 'good', claims } : { state: 'malformed' }
  } catch (error) {
    // Thrown only once the signature was found good.
    return { state: error instanceof errors.JWTExpired ? 'expired' : 'malformed' }
  }
}

function claimsOf(raw: JWTPayload): Claims | undefined {
  const { success, data } = payload.safeParse(raw)
  if (!success) return undefined
  const { type, sub, username, role, sid, jti, iat, exp } = data
  return {
    type,
    user: sub as UserId, // signed by us, who put the ids of a user and a sign-in there
    name: username,
    role,
    signIn: sid as SignInId,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
  }
}
