import type { Context } from '../context.ts'
import type { StoredFile } from '../file.ts'
import { fileId, type RoomId, userId } from '../ids.ts'
import { signedIn } from '../permissions.ts'
import { ownRoom } from '../places.ts'
import { refuse } from '../refusals.ts'
import { type Actor, isDeleted } from '../user.ts'
import type { Implementation } from './command.ts'
import { latestNamed, mayAllRead, mayRead } from './file-rooms.ts'

/** How long a link to a file works, in seconds. */
const LINK_LIFE = 300

export interface FileCommands {
  /**
   * A file that the actor may read; with `sharedIn` only one of that room that everybody there may read. Refuses file_unknown, also
   * for one they may not.
   */
  'file.show': { input: { id: string; sharedIn?: RoomId | null }; result: StoredFile }
  /** The latest file of one of the actor's rooms with that name, as `file.show`. Refuses file_unknown, room_unknown. */
  'file.named': { input: { name: string; room: RoomId; sharedIn?: RoomId | null }; result: StoredFile }
  /** A token that lets whoever has it read a file for `expiresIn` seconds, as long as the actor may. Refuses file_unknown. */
  'file.link': { input: { id: string }; result: { token: string; expiresIn: number } }
  /** The file of a link's token. Refuses token_refused. */
  'file.by_link': { input: { token: string }; result: StoredFile }
}

export const fileCommands: Implementation<FileCommands> = {
  'file.show': show,
  'file.named': named,
  'file.link': async (ctx, actor, { id }) => {
    const user = signedIn(actor)
    const file = await show(ctx, actor, { id })
    const plain = [file.id, ctx.clock.now() + LINK_LIFE * 1000, user.id].join('.')
    return { token: `${plain}.${sign(ctx, plain)}`, expiresIn: LINK_LIFE }
  },
  'file.by_link': (ctx, _, { token }) => byLink(ctx, token),
}

async function show(ctx: Context, actor: Actor, input: FileCommands['file.show']['input']): Promise<StoredFile> {
  const user = actor.kind === 'operator' ? null : signedIn(actor)
  const id = fileId(input.id)
  const file = id && (await ctx.store.file(id))
  if (!file || (user && !(await mayRead(ctx, user, file)))) return refuse({ code: 'file_unknown' })
  if (input.sharedIn && !(await mayAllRead(ctx, input.sharedIn, file))) return refuse({ code: 'file_unknown' })
  return file
}

async function named(ctx: Context, actor: Actor, input: FileCommands['file.named']['input']): Promise<StoredFile> {
  const { room } = await ownRoom(ctx, signedIn(actor), { by: 'id', id: input.room })
  const file = await latestNamed(ctx, room.id, input.name)
  return file ? show(ctx, actor, { ...input, id: file.id }) : refuse({ code: 'file_unknown' })
}

async function byLink(ctx: Context, token: string): Promise<StoredFile> {
  const [id = '', end = '', reader = '', signature = ''] = token.split('.')
  const [file, user] = [fileId(id), userId(reader)]
  const isOurs = file && user && isSame(ctx, signature, sign(ctx, [id, end, reader].join('.')))
  if (!isOurs || ctx.clock.now() >= Number(end)) return refuse({ code: 'token_refused' })
  const [found, maker] = [await ctx.store.file(file), await ctx.directory.user(user)]
  if (!found || !maker || isDeleted(maker) || !(await mayRead(ctx, maker, found)))
    return refuse({ code: 'token_refused' })
  return found
}

const sign = (ctx: Context, plain: string): string => ctx.keyring.digest('file-link', plain)

/** Compares digests of the two: how long that takes tells nothing of either. */
const isSame = (ctx: Context, one: string, other: string): boolean =>
  ctx.keyring.digest('file-link-check', one) === ctx.keyring.digest('file-link-check', other)
