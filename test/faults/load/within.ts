/** `promise`, or a rejection after `timeout` milliseconds: a server that hangs must not hang its test. */
export async function within<T>(timeout: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`${what} took longer than ${timeout} ms`)), timeout)
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}
