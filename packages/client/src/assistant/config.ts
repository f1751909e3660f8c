/** How somebody signs in at an assistant's server: what its `auth` frame says. */
export const AuthType = {
  BEARER_TOKEN: 'bearer_token',
  API_KEY: 'api_key',
  BASIC_AUTH: 'basic_auth',
  OAUTH2: 'oauth2',
  NONE: 'none',
} as const

export type AuthType = (typeof AuthType)[keyof typeof AuthType]

export interface WebSocketConfigOptions {
  /** The WebSocket of the server. */
  readonly endpoint: string
  /** Default: none. */
  readonly authType?: AuthType | undefined
  readonly token?: string | undefined
  readonly apiKey?: string | undefined
  /** Header that tools are to send the key in. Default `X-API-Key`. */
  readonly apiKeyHeader?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  readonly tokenUrl?: string | undefined
  readonly scope?: string | undefined
}

/** A server, who we are there, and where the connection to it is. */
export class WebSocketConfig {
  readonly endpoint: string
  readonly authType: AuthType
  readonly token: string | undefined
  readonly apiKey: string | undefined
  readonly apiKeyHeader: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly tokenUrl: string | undefined
  readonly scope: string | undefined
  /** The server's name of the conversation; null before the first connection. */
  sessionId: string | null = null
  isAuthenticated = false
  isConnected = false

  constructor({ endpoint, authType = AuthType.NONE, apiKeyHeader = 'X-API-Key', ...given }: WebSocketConfigOptions) {
    this.endpoint = endpoint
    this.authType = authType
    this.apiKeyHeader = apiKeyHeader
    this.token = given.token
    this.apiKey = given.apiKey
    this.username = given.username
    this.password = given.password
    this.clientId = given.clientId
    this.clientSecret = given.clientSecret
    this.tokenUrl = given.tokenUrl
    this.scope = given.scope
  }

  /** The frame that signs in; empty where nobody does. */
  getAuthPayload(): Readonly<Record<string, unknown>> {
    const frame = { type: 'auth', auth_type: this.authType }
    switch (this.authType) {
      case 'none':
        return {}
      case 'bearer_token':
        return { ...frame, token: this.token }
      case 'api_key':
        return { ...frame, api_key: this.apiKey, api_key_header: this.apiKeyHeader }
      case 'basic_auth':
        return { ...frame, username: this.username, password: this.password }
      case 'oauth2': {
        const { clientId: client_id, clientSecret: client_secret, tokenUrl: token_url, scope } = this
        return { ...frame, client_id, client_secret, token_url, ...(scope && { scope }) }
      }
      default:
        return this.authType satisfies never
    }
  }
}
