import type { TypedDownFrame } from '@parley/protocol/token-bowl/down'
import type { CommandOf, CommandType, ResultOf } from '../../core/core.ts'
import type { Refusal } from '../../core/refusals.ts'
import { ask, type Decoded } from '../view.ts'
import { words } from './words.ts'

export const errorFrame = (error: string): string => JSON.stringify({ type: 'error', error })

/** A frame that is answered with an error without asking the core. */
export const reject = (code: string, error: string): Decoded => ({ state: 'reject', code, text: errorFrame(error) })

/** A question of this protocol; `special` words a refusal that reads differently here than elsewhere. */
export function question<T extends CommandType>(
  command: CommandOf<T>,
  answer: (result: ResultOf<T>) => TypedDownFrame | null,
  special: (refusal: Refusal) => string | undefined = () => undefined,
): Decoded {
  return ask(command, answer, refusal => errorFrame(special(refusal) ?? words(refusal)))
}

/** Whether a required text is there. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0

/** What a value that is no text is called in an error: short, and safe for any JSON (a deep array must not be stringified). */
export const nameOf = (value: unknown): string =>
  typeof value === 'object' ? (Array.isArray(value) ? 'array' : 'object') : String(value).slice(0, 100)
