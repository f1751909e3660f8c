import { join } from 'node:path'
import { ensureAssistant } from '../../src/agents/voices.ts'
import type { ArtefactId, FileId, RunId } from '../../src/core/ids.ts'
import type { Message } from '../../src/core/message.ts'
import type { AgentRunner } from '../../src/core/ports/agents.ts'
import type { Room } from '../../src/core/room.ts'
import { openFiles } from '../../src/files/disk.ts'
import { saveFor } from '../artefacts.ts'
import { folder } from '../system/folder.ts'
import { openSite, type Person, type Site, type SiteOptions } from './site.ts'

/** An agent that begins to answer and does not end before it is told to. */
export const slow: AgentRunner = {
  async *answer(_, signal) {
    yield { type: 'text', text: 'Well, ' }
    await new Promise(resolve => signal.addEventListener('abort', resolve))
  },
}

export const ROLES = ['admin', 'member', 'bot', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/** What somebody has to do with a room. `removed`: put out by its owner, after they were in it. */
export const MEMBERSHIPS = ['owner', 'member', 'outsider', 'removed'] as const
export type Membership = (typeof MEMBERSHIPS)[number]

/** What is expected by membership, `but` of some roles something else: for all memberships alike, or for some. */
export interface Grid<Result extends string | number> extends Readonly<Record<Membership, Result>> {
  readonly but?: { readonly [R in Role]?: Result | Partial<Record<Membership, Result>> }
}

export function expectedOf<Result extends string | number>(
  grid: Grid<Result>,
  role: Role,
  membership: Membership,
): Result {
  const special = grid.but?.[role]
  const own = typeof special === 'object' ? special[membership] : special
  return own ?? grid[membership]
}

/** Every role with every membership. */
export const CELLS = ROLES.flatMap(role => MEMBERSHIPS.map(membership => ({ role, membership })))

/** A group, and somebody who asks something about it. */
export interface Scene {
  readonly site: Site
  readonly caller: Person
  /** Made the group and is in it; owns it unless the caller does. */
  readonly host: Person
  /** Somebody else who is in it, and somebody who is not. */
  readonly other: Person
  readonly stranger: Person
  readonly label: string
  readonly room: Room
  /** Of the host. */
  readonly message: Message
  /** A token with which one goes into the room. */
  readonly invitation: string
  /** An answer to the host that is being produced. */
  ask(): Promise<RunId>
  /** The same, stopped in the middle. */
  asked(): Promise<RunId>
  /** What an agent saved in the room for the host. */
  save(): Promise<ArtefactId>
  /** A file that the host sent to the room. */
  upload(): Promise<FileId>
}

/** A site with a slow assistant and a place for files, for one test. */
export async function openArena(options: SiteOptions = {}): Promise<Site> {
  const directory = folder()
  const files = openFiles({ directory, temporary: join(directory, 'temp') })
  const site = await openSite({ agents: slow, files, ...options })
  await ensureAssistant(site.core)
  return site
}

let made = 0

/** A scene of its own. `ready` is called before the caller is put out. */
export async function openScene(
  site: Site,
  { role, membership }: { readonly role: Role; readonly membership: Membership },
  ready: (caller: Person, label: string) => Promise<void> = async () => undefined,
): Promise<Scene> {
  const unique = `scene ${++made}`
  const [label, ref] = [unique, { by: 'label', label: unique } as const]
  const host = await site.person(`${unique} host`)
  const caller = await site.person(`${unique} caller`, role, host)
  const other = await site.person(`${unique} other`)
  const stranger = await site.person(`${unique} stranger`)
  const to = { at: 'room', ref, unknown: 'refuse' } as const
  const room = await site.as(host, { type: 'room.make', label, name: null, kind: 'group' })
  for (const { user } of membership === 'outsider' ? [other] : [other, caller])
    await site.as(host, { type: 'members.add', ref, user: user.id })
  const { message } = await site.as(host, { type: 'message.send', to, body: 'hello' })
  const { token } = await site.as(host, { type: 'invitation.make', ref, seconds: 60 })
  if (membership === 'owner') await site.as(host, { type: 'room.change', ref, patch: { owner: caller.user.id } })
  await ready(caller, label)
  if (membership === 'removed') await site.as(host, { type: 'members.remove', ref, user: caller.user.id })
  const ask = async () => {
    const options = { model: 'any', systemPrompt: null, temperature: null, maxTokens: null }
    const sent = await site.as(host, { type: 'message.send', to, body: 'why?', ask: options })
    const [run] = (await site.core.context.store.openRuns()).filter(({ question }) => question === sent.message.id)
    if (!run) throw new Error('nobody answers')
    return run.id
  }
  return {
    ...{ site, caller, host, other, stranger, label, room, message, invitation: token, ask },
    async asked() {
      const id = await ask()
      while ((await site.core.context.store.runHeads([id]))[0] === 0) await new Promise(setImmediate)
      await site.core.context.runs.cancel(id)
      return id
    },
    async save() {
      return (await saveFor(site.core, host.user, room)).id
    },
    async upload() {
      const about = { name: 'a.txt', size: 1, mimeType: 'text/plain', room: { by: 'label', label } } as const
      const { upload } = await site.as(host, { type: 'upload.begin', ...about })
      await site.as(host, { type: 'upload.put', id: upload.id, index: 0, total: 1, bytes: Buffer.from('a') })
      return (await site.as(host, { type: 'upload.finish', id: upload.id, checksum: null })).file.id
    },
  }
}
