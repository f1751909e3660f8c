import type { Core } from '../core/core.ts'
import type { UserId } from '../core/ids.ts'
import { ASSISTANT, nameKey } from '../core/names.ts'
import { Refused } from '../core/refusals.ts'
import type { User } from '../core/user.ts'

/** The user that the assistant speaks as, made unless it is there. To be called after the core's start. */
export async function ensureAssistant(core: Pick<Core, 'context'>): Promise<User> {
  return (await knownAssistant(core)) ?? (await makeAssistant(core))
}

async function knownAssistant({ context: { store } }: Pick<Core, 'context'>): Promise<User | undefined> {
  const user = await store.userByName(nameKey(ASSISTANT))
  if (user && user.role !== 'agent') throw new Error(`The name ${ASSISTANT} belongs to a user who is no agent`)
  return user
}

async function makeAssistant(core: Pick<Core, 'context'>): Promise<User> {
  const { commits, clock, ids, store, emit } = core.context
  const at = clock.now()
  const user: User = {
    id: ids.uuid() as UserId, // a fresh uuid is what a user id is
    name: ASSISTANT,
    role: 'agent',
    email: null,
    webhookUrl: null,
    logo: null,
    emoji: null,
    createdBy: null,
    createdAt: at,
    deletedAt: null,
  }
  try {
    const { seq } = await commits.run({ type: 'user.create', user, key: null, ticket: null, at })
    emit({ type: 'user.created', directory: store.directory, seq, user })
    return user
  } catch (error) {
    // Another process with the same store was faster.
    const known = error instanceof Refused && error.refusal.code === 'name_taken' && (await knownAssistant(core))
    if (known) return known
    throw error
  }
}
