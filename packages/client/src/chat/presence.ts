import type { Presence } from './frames.ts'

/** Most people whose presence is kept. */
const PEOPLE_MAX = 5_000

/** Who is there, as far as it was told. */
export interface People {
  get(userId: string): Presence | undefined
  hear(presence: Presence): void
}

export function createPeople(): People {
  const known = new Map<string, Presence>()
  return {
    get: userId => known.get(userId),
    hear(presence) {
      known.delete(presence.user_id)
      known.set(presence.user_id, presence)
      const [oldest] = known.size > PEOPLE_MAX ? known.keys() : []
      if (oldest !== undefined) known.delete(oldest)
    },
  }
}
