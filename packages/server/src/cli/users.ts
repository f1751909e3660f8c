import { guide } from '../agents/guide.ts'
import type { OwnUser } from '../core/commands/people.ts'
import type { Core } from '../core/core.ts'
import { Refused } from '../core/refusals.ts'
import { type Actor, ROLES, type Role, type User } from '../core/user.ts'
import { readAllowed } from '../outbound/allowed.ts'
import { createPolicy } from '../outbound/policy.ts'
import { coreSettings, fileFolders } from '../start/adapt.ts'
import { openCore } from '../start/open.ts'
import { OperatorFault } from '../system/fault.ts'
import { type Answer, type Command, mustHaveData, type Place, table } from './command.ts'

const operator: Actor = { kind: 'operator' }

export const userCommands: readonly Command[] = [
  {
    words: ['user', 'add'],
    takes: ['NAME'],
    options: ['role', 'email'],
    says: 'makes a user and prints id and key; --role is admin, member or viewer',
    run: (place, [name = ''], { role, email }) =>
      withCore(place, 'make', async core =>
        shown(
          await core.execute(operator, {
            type: 'account.register',
            name,
            ...(role && { role }),
            ...(email && { email }),
          }),
        ),
      ),
  },
  {
    words: ['user', 'list'],
    takes: [],
    says: 'lists everyone',
    run: place =>
      withCore(place, 'use', async core => {
        const users = (await core.execute(operator, { type: 'admin.users' })).map(({ user }) => user)
        const rows = users.map(user => [user.name, user.role, user.email ?? '-', day(user), user.id])
        return { text: table([['NAME', 'ROLE', 'MAIL', 'SINCE', 'ID'], ...rows]), data: users.map(plain) }
      }),
  },
  {
    words: ['user', 'key'],
    takes: ['NAME'],
    says: 'gives a new key and ends the old one',
    run: (place, [ref = '']) =>
      withCore(place, 'use', async core => shown(await core.execute(operator, { type: 'admin.replace_key', ref }))),
  },
  {
    words: ['user', 'role'],
    takes: ['NAME', 'ROLE'],
    says: `changes a role: ${ROLES.join(', ')}`,
    run: (place, [ref = '', role = '']) =>
      withCore(place, 'use', async core =>
        shown(await core.execute(operator, { type: 'admin.change', ref, patch: { role: roleOf(role) } })),
      ),
  },
  {
    words: ['user', 'delete'],
    takes: ['NAME'],
    says: 'deletes a user and their bots; their messages stay',
    run: (place, [ref = '']) =>
      withCore(place, 'use', async core => {
        const { user } = await core.execute(operator, { type: 'admin.user', ref })
        await core.execute(operator, { type: 'admin.delete', ref: user.id })
        return { text: `${user.name} is deleted.`, data: { deleted: plain(user) } }
      }),
  },
  {
    words: ['admin'],
    takes: ['NAME'],
    says: 'makes an admin: a new user, or one who is there',
    run: (place, [name = '']) => withCore(place, 'make', async core => shown(await makeAdmin(core, name))),
  },
]

/** The role that a word names. Throws OperatorFault for any other word. */
export function roleOf(word: string): Role {
  const role = ROLES.find(name => name === word)
  if (!role) throw new OperatorFault(`${word} is no role. Roles are ${ROLES.join(', ')}.`)
  return role
}

async function makeAdmin(core: Core, ref: string): Promise<OwnUser> {
  try {
    return await core.execute(operator, { type: 'admin.change', ref, patch: { role: 'admin' } })
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'user_unknown') throw error
    return core.execute(operator, { type: 'account.register', name: ref, role: 'admin' })
  }
}

/** Does something with the core beside a running server or without one. `use` wants data to be there already. */
async function withCore(
  { settings, directory }: Place,
  intent: 'make' | 'use',
  act: (core: Core) => Promise<Answer>,
): Promise<Answer> {
  if (intent === 'use') mustHaveData(directory)
  const { core, close } = await openCore({
    directory,
    secretKey: settings.SECRET_KEY,
    settings: coreSettings(settings, () => ''),
    mailer: null,
    files: fileFolders(settings, directory),
    scanner: null,
    agents: guide,
    outbound: createPolicy(readAllowed(settings.OUTBOUND_ALLOW).allowed),
    commits: { committed: () => undefined, failed: () => undefined },
    onFault: error => process.stderr.write(`${String(error)}\n`),
  })
  try {
    return await act(core)
  } finally {
    await close()
  }
}

function shown({ user, key }: OwnUser): Answer {
  const rows = [['name', user.name], ['role', user.role], ['id', user.id], ...(key ? [['key', key]] : [])]
  return { text: table(rows), data: { ...plain(user), ...(key && { key }) } }
}

const plain = ({ id, name, role, email, createdAt }: User) => ({
  id,
  name,
  role,
  email,
  created_at: new Date(createdAt).toISOString(),
})

const day = ({ createdAt }: User): string => new Date(createdAt).toISOString().slice(0, 10)
