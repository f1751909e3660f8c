import { hash, verify } from '@node-rs/argon2'
import type { Passwords } from '../core/ports/passwords.ts'
import { refuse } from '../core/refusals.ts'

/** What one guess costs: memory in KiB, passes over it. */
export interface PasswordCost {
  readonly memory: number
  readonly passes: number
}

/** OWASP's first choice for argon2id: 19 MiB, two passes. Some 20 ms of one core. */
const COST: PasswordCost = { memory: 19_456, passes: 2 }

/** Passwords that may be in work or wait for it. About half a second of work, and 19 MiB for each at work. */
const WORKING_MAX = 32

/** Argon2id (the library's own choice unless told otherwise), off the main thread. `cost` is for tests, which have no time to lose. */
export function createPasswords(cost: PasswordCost = COST): Passwords {
  const options = { memoryCost: cost.memory, timeCost: cost.passes, parallelism: 1 }
  const make = (password: string) => hash(plain(password), options)
  let nobodys: Promise<string> | undefined
  return {
    hash: gate(make),
    verify: gate(async (password, known) => {
      // Made for the first to ask, whoever that is, so that it does not tell the known from the unknown.
      nobodys ??= make('')
      const decoy = await nobodys
      const right = await verify(known ?? decoy, plain(password))
      return right && known !== undefined
    }),
  }
}

/** The same password however a keyboard composes its letters. */
const plain = (password: string): string => password.normalize('NFC')

/** Lets `work` be asked for WORKING_MAX times at once. */
function gate<Input extends readonly unknown[], Result>(
  work: (...input: Input) => Promise<Result>,
): (...input: Input) => Promise<Result> {
  let working = 0
  return async (...input) => {
    if (working >= WORKING_MAX) refuse({ code: 'busy', retryAfter: 1 })
    working++
    try {
      return await work(...input)
    } finally {
      working--
    }
  }
}
