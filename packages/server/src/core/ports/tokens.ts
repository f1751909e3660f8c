import type { SignInId, UserId } from '../ids.ts'
import type { Role } from '../user.ts'

export type TokenType = 'access' | 'refresh' | 'websocket'

/** What a token says. Times are milliseconds since 1970, of whole seconds. */
export interface Claims {
  readonly type: TokenType
  readonly user: UserId
  /** Name and role when the token was made. For clients to show: what counts is what the user is now. */
  readonly name: string
  readonly role: Role
  readonly signIn: SignInId
  /** Names this token among all. */
  readonly id: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What a text turned out to be. `malformed` is everything that this server did not sign, whoever did. */
export type ReadToken =
  | { readonly state: 'good'; readonly claims: Claims }
  | { readonly state: 'malformed' }
  | { readonly state: 'expired' }

/** Signed statements about a sign-in. Whether the sign-in still lasts they don't tell. */
export interface Tokens {
  sign(claims: Claims): Promise<string>
  /** Never rejects. */
  read(token: string, at: number): Promise<ReadToken>
}
