import type { Context } from '../context.ts'
import type { Actor } from '../user.ts'

/** One command: what it takes and what it answers. */
export interface Shape {
  input: object
  result: unknown
}

/**
 * The functions behind a family of commands. Each checks whether the actor may, throws Refused if not, and answers
 * after its writes are durable.
 */
export type Implementation<Family extends { [K in keyof Family]: Shape }> = {
  readonly [K in keyof Family]: (
    ctx: Context,
    actor: Actor,
    input: Family[K]['input'],
  ) => Promise<Family[K]['result']> | Family[K]['result']
}
