import {
  AuthenticationError,
  ConflictError,
  type ErrorResponse,
  NetworkError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TokenBowlError,
  ValidationError,
} from '../errors.ts'

/** The error that an answer other than 2xx stands for. Its message is the whole body. */
export function errorOf(response: ErrorResponse): TokenBowlError {
  const { status, body } = response
  const text = (typeof body === 'string' ? body : JSON.stringify(body)) || `The server answered with status ${status}`
  return new (classOf(status))(text, response)
}

function classOf(status: number): typeof TokenBowlError {
  switch (status) {
    case 401:
      return AuthenticationError
    case 404:
      return NotFoundError
    case 409:
      return ConflictError
    case 422:
      return ValidationError
    case 429:
      return RateLimitError
    default:
      return status >= 500 ? ServerError : TokenBowlError
  }
}

/** `error`, from a request made while connecting, as the error that `connect()` fails with. */
export function connectError(error: unknown): AuthenticationError | NetworkError {
  if (error instanceof AuthenticationError) return new AuthenticationError('Invalid API key', error.response)
  if (error instanceof NetworkError) return error
  if (error instanceof TokenBowlError && error.response) {
    return new NetworkError(`Connection failed with status ${error.response.status}`, error.response)
  }
  return new NetworkError(`Failed to connect: ${error instanceof Error ? error.message : error}`)
}
