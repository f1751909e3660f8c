import { expect, test } from 'vitest'
import { createPasswords } from '../../src/system/passwords.ts'

const cheap = createPasswords({ memory: 8, passes: 1 })

test('[ACC-10] a password is kept as a salted argon2id hash', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash('correct horse')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await passwords.hash('correct horse')).not.toBe(hash)
  expect(await passwords.verify('correct horse', hash)).toBe(true)
  expect(await passwords.verify('correct hors', hash)).toBe(false)
})

test('[ACC-10] letters are the same however they are composed', async () => {
  expect(await cheap.verify('pa\u0308ssword', await cheap.hash('p\u00e4ssword'))).toBe(true)
})

test('[ACC-11] where there is no password none is right, and the same work is done', async () => {
  const passwords = createPasswords({ memory: 19_456, passes: 8 })
  const hash = await passwords.hash('x')
  expect(await passwords.verify('', undefined)).toBe(false)
  const time = async (known: string | undefined) => {
    const began = performance.now()
    await passwords.verify('guess', known)
    return performance.now() - began
  }
  // A machine under load may be slow at any moment: the fastest of a few is what the work takes.
  const fastest = async (known: string | undefined) =>
    Math.min(await time(known), await time(known), await time(known), await time(known))
  const ratio = (await fastest(undefined)) / (await fastest(hash))
  expect(ratio).toBeGreaterThan(0.4)
  expect(ratio).toBeLessThan(2.5)
})

test('[ACC-12] more than 32 at once are refused as busy', async () => {
  const ended = await Promise.allSettled(Array.from({ length: 33 }, () => cheap.hash('x')))
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(32)
  expect(ended.find(one => one.status === 'rejected')?.reason).toMatchObject({
    refusal: { code: 'busy', retryAfter: 1 },
  })
  expect(await cheap.hash('x')).toMatch(/^\$argon2id/)
})
