/** Longest wait for anything that a check expects, in milliseconds. */
const LIMIT = 20_000

/** `promise`, or an error that names what was waited for in vain. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`waited ${LIMIT} ms in vain for ${what}`)), LIMIT)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
