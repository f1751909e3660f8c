/** What the server answered, where it did. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: Headers
  /** Decoded JSON, or the text where it was none. */
  readonly body: unknown
}

/** The base of everything this library throws. By itself: an error frame of the server, or a status without a class of its own. */
export class TokenBowlError extends Error {
  override name = 'TokenBowlError'
  readonly response: ErrorResponse | undefined

  constructor(message: string, response?: ErrorResponse, options?: ErrorOptions) {
    super(message, options)
    this.response = response
  }
}

/** No key, or one that the server doesn't take (401). Trying again with the same key is no use. */
export class AuthenticationError extends TokenBowlError {
  override name = 'AuthenticationError'
}

/** The server found the request malformed (422); `response.body` says what is wrong where. */
export class ValidationError extends TokenBowlError {
  override name = 'ValidationError'
}

/** There is no such thing (404). */
export class NotFoundError extends TokenBowlError {
  override name = 'NotFoundError'
}

/** The name is taken, or something else is there already (409). */
export class ConflictError extends TokenBowlError {
  override name = 'ConflictError'
}

/** Too many requests (429). */
export class RateLimitError extends TokenBowlError {
  override name = 'RateLimitError'
}

/** The server failed or is busy (5xx). */
export class ServerError extends TokenBowlError {
  override name = 'ServerError'
}

/** The server could not be reached, refused the connection, or the connection was lost. */
export class NetworkError extends TokenBowlError {
  override name = 'NetworkError'
}

/** The server did not answer in time. Whether it did what it was asked is unknown. */
export class TimeoutError extends TokenBowlError {
  override name = 'TimeoutError'
}

/** The call itself is wrong: not connected, or an argument out of bounds. Nothing was sent. */
export class ValueError extends TokenBowlError {
  override name = 'ValueError'
}

/** `thrown` as an error: callbacks may throw anything. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new TokenBowlError(String(thrown))
