import type { WebSocketConfig } from './config.ts'

const SECRET_FIELDS: readonly string[] = ['token', 'api_key', 'username', 'password', 'client_secret', 'session_token']

/** A frame of ours for a log: no credential is in it. */
export const maskedFrame = (frame: object): string =>
  JSON.stringify(frame, (key, value: unknown) => (SECRET_FIELDS.includes(key) ? '***' : value))

/** A text for a log, such as the server's, which may repeat what it was told. */
export function masked(text: string, { token, apiKey, password, clientSecret }: WebSocketConfig): string {
  const secrets = [token, apiKey, password, clientSecret].filter(one => one !== undefined && one !== '')
  return secrets.reduce<string>(
    (found, secret) => found.replaceAll(secret ?? '', '***').replaceAll(JSON.stringify(secret).slice(1, -1), '***'),
    text,
  )
}
