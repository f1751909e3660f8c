import type { Refusal } from '../core/refusals.ts'

/** The write happened. */
export const done = <V>(value: V): { readonly state: 'done'; readonly value: V } => ({ state: 'done', value })

/** The write was refused and changed nothing. */
export const refused = (refusal: Refusal): { readonly state: 'refused'; readonly refusal: Refusal } => ({
  state: 'refused',
  refusal,
})
