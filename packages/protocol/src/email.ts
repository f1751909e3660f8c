import { z } from 'zod'

/** One plain address: no spaces, controls, lists or display names, so that it can stand in a mail header. */
export const address = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\s\p{Cc}@<>,;:"()[\]\\]+@[^\s\p{Cc}@<>,;:"()[\]\\]+$/u, 'Input should be an e-mail address')
