import { z } from 'zod'
import type { Variables } from '../../config.ts'
import { isHeaderName, isHeaderValue } from '../../core/headers.ts'
import type { Kind } from '../kinds.ts'

/** What the entries of a tools file are read with. */
export interface Reading {
  /** Where relative paths start. */
  readonly directory: string
  /** What `$NAME` stands for. */
  readonly variables: Variables
  /** Time for a call where the file says nothing, in seconds. */
  readonly timeout: number
}

/** What a service is called. */
export const serviceName: Kind<string> = {
  allowed: 'a name of 1 to 40 letters, digits, _ and -',
  read: text => (/^[A-Za-z0-9_-]{1,40}$/.test(text) ? text : undefined),
}

/** A string of the tools file that is of this kind. */
export const kind = <T>({ allowed, read }: Kind<T>) =>
  z.string(allowed).transform((text, ctx) => read(text) ?? refused(ctx, allowed))

/** Ends a transformation of what is not `allowed`. */
export function refused(ctx: z.RefinementCtx, allowed: string): never {
  ctx.addIssue(allowed)
  return z.NEVER
}

const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g

/**
 * A text in which `$NAME` and `${NAME}` stand for settings of the environment, and `$$` for a `$`. One that is missing or empty is an
 * error that names it; no value is ever in an error.
 */
export const expanded = ({ variables }: Reading) =>
  z.string('a text').transform((text, ctx) =>
    text.replaceAll(REFERENCE, (_, plain?: string, braced?: string) => {
      const name = plain ?? braced
      if (name === undefined) return '$'
      const value = variables[name]
      if (!value) ctx.addIssue(`a text whose $NAMEs are in the environment; ${name} is not`)
      return value ?? ''
    }),
  )

const HEADERS = 'headers by their names; not those that say where a request goes, how long it is or whose it looks'

/** Headers that go along with every call. */
export const headers = (reading: Reading) =>
  z.record(
    z.string().refine(isHeaderName),
    expanded(reading).refine(isHeaderValue, 'a text of Latin letters without line breaks'),
    HEADERS,
  )

const TIMEOUT = 'a number of seconds from 1 to 600'

/** Time for a call. */
export const seconds = ({ timeout }: Reading) => z.number(TIMEOUT).min(1, TIMEOUT).max(600, TIMEOUT).default(timeout)
