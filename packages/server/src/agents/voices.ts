import type { Core } from '../core/core.ts'
import type { UserId } from '../core/ids.ts'
import { ASSISTANT, nameKey } from '../core/names.ts'
import { Refused } from '../core/refusals.ts'
import type { User } from '../core/user.ts'

/** The user that the assistant speaks as, made unless it is there. To be called after the core's start. */
export const ensureAssistant = (core: Pick<Core, 'context'>): Promise<User> => ensureAgent(core, ASSISTANT)

/** The user that an agent or a team speaks as, made unless it is there. Throws where the name is a person's. */
export async function ensureAgent(core: Pick<Core, 'context'>, name: string): Promise<User> {
  const agent = (await knownAgent(core, name)) ?? (await makeAgent(core, name))
  core.context.directory.keepAgent(agent)
  return agent
}

async function knownAgent({ context: { store } }: Pick<Core, 'context'>, name: string): Promise<User | undefined> {
  const user = await store.userByName(nameKey(name))
  if (user && user.role !== 'agent') throw new Error(`The name ${name} belongs to a user who is no agent`)
  return user
}

async function makeAgent(core: Pick<Core, 'context'>, name: string): Promise<User> {
  const { commits, clock, ids, store, emit } = core.context
  const at = clock.now()
  const user: User = {
    id: ids.uuid() as UserId, // a fresh uuid is what a user id is
    name,
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
    const known = error instanceof Refused && error.refusal.code === 'name_taken' && (await knownAgent(core, name))
    if (known) return known
    throw error
  }
}
