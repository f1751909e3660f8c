import type { Context } from '../context.ts'
import { type FileId, type RoomId, type UserId, userId } from '../ids.ts'
import { fits } from '../message.ts'
import { allowed, may, signedIn } from '../permissions.ts'
import { isLabel, ownRoom, type RoomRef, roomAt, ruledRoom, rules } from '../places.ts'
import type { ListedRoom, PageOf, PageQuery } from '../ports/store.ts'
import type { RoomPatch } from '../ports/writes.ts'
import { Refused, refuse } from '../refusals.ts'
import { isJoinable, type JoinableKind, otherOf, ROOM_NAME_MAX, type Room } from '../room.ts'
import { type Actor, isDeleted, type User } from '../user.ts'
import type { Implementation } from './command.ts'
import { dropBytes, filesIn } from './file-rooms.ts'
import { join, leaveAs } from './members.ts'
import { openDirect } from './targets.ts'

/** A room as one of its members sees it. */
export interface RoomView extends ListedRoom {
  /** The other user of a direct room. */
  readonly peer: User | null
}

/** Who is in a room: the first of them, and how many there are. */
export interface Attendance {
  readonly room: Room
  readonly people: readonly User[]
  readonly members: number
  readonly typing: readonly User[]
  /** Milliseconds since 1970. */
  readonly lastAt: number
}

export interface RoomCommands {
  /** Makes a room with a label of its own, or a new one. Refuses room_exists, room_label_invalid, room_access_denied (a reserved label). */
  'room.make': { input: NewRoomInput; result: Room }
  /**
   * Goes into a room, which is made where there is none: then of this kind and name, or not at all without a kind. Who is in it
   * stays. Refuses room_access_denied, and room_unknown without a kind.
   */
  'room.join': { input: RoomDraft; result: Joined }
  /** Refuses not_member, also for a room that doesn't exist or can't be left. */
  'room.leave': { input: { ref: RoomRef }; result: { room: Room; at: number } }
  /** Members, its owner and admins. Refuses room_unknown, not_member. */
  'room.show': { input: { ref: RoomRef }; result: Attendance }
  /** One's own rooms. */
  'room.list': { input: PageQuery; result: PageOf<RoomView> & { unread: number } }
  /** One of one's own rooms. Refuses room_unknown, not_member. */
  'room.view': { input: { ref: RoomRef }; result: RoomView }
  /** Its owner and admins. Refuses room_unknown, not_owner, not_member (a new owner who is none). */
  'room.change': { input: { ref: RoomRef; patch: RoomPatch }; result: Room }
  /** Its owner and admins. Refuses room_unknown, not_owner. */
  'room.delete': { input: { ref: RoomRef }; result: object }
  /** The direct room with a user or an agent, by id or name, made on first use. Refuses user_unknown, role_forbids, recipient_viewer. */
  'room.open_direct': { input: { ref: string }; result: RoomView }
}

/** A room as somebody asks for it who may find it there. */
export interface RoomDraft {
  readonly label: string
  readonly name: string
  /** Whatever the client says. */
  readonly kind: string | null
}

export interface NewRoomInput {
  /** Null for a new label. */
  readonly label: string | null
  readonly name: string | null
  readonly kind: JoinableKind
}

export interface Joined extends Attendance {
  /** False for who was in it before. */
  readonly isNew: boolean
  readonly joinedAt: number
  /** The room's last seq, from which on the member is told everything. */
  readonly seq: number
}

/** Participants that are named one by one. */
const NAMED_MAX = 500

export const roomCommands: Implementation<RoomCommands> = {
  'room.make': make,
  'room.join': joinOrMake,
  'room.leave': async (ctx, actor, { ref }) => {
    const user = signedIn(actor)
    const room = await roomAt(ctx, user, ref)
    if (!room || (room.kind !== 'lobby' && !isJoinable(room.kind))) return refuse({ code: 'not_member' })
    return { room, at: await leaveAs(ctx, user, room) }
  },
  'room.show': async (ctx, actor, { ref }) => {
    const user = signedIn(actor)
    const room = await roomAt(ctx, user, ref)
    if (!room) return refuse({ code: 'room_unknown' })
    if (!rules(user, room) && !(await ctx.store.membership(room.id, user.id))) refuse({ code: 'not_member' })
    return attendance(ctx, room)
  },
  'room.list': list,
  'room.view': async (ctx, actor, { ref }) => {
    const { room } = await ownRoom(ctx, signedIn(actor), ref)
    return viewOf(ctx, signedIn(actor), room)
  },
  'room.change': change,
  'room.delete': remove,
  'room.open_direct': async (ctx, actor, { ref }) => {
    const user = allowed(actor, 'direct.send')
    const id = userId(ref)
    const other = (id && (await ctx.directory.user(id))) ?? (await ctx.directory.named(ref))
    if (!other || isDeleted(other)) return refuse({ code: 'user_unknown', name: ref })
    if (!may(other.role, 'direct.receive')) refuse({ code: 'recipient_viewer', name: other.name })
    return viewOf(ctx, user, await openDirect(ctx, user, other))
  },
}

async function make(ctx: Context, actor: Actor, { label, name, kind }: NewRoomInput): Promise<Room> {
  const user = allowed(actor, 'room.make')
  if (label !== null && !isLabel(label)) refuse({ code: 'room_label_invalid' })
  const chosen = label ?? ctx.ids.uuid()
  const id = ctx.ids.uuid() as RoomId // a fresh uuid is what a room id is
  const draft = {
    id,
    kind,
    label: chosen,
    name: nameOr(name, `Room ${chosen}`),
    owner: user.id,
    assistant: kind === 'private' ? 'always' : 'mention',
  } as const
  const { room } = await ctx.commits.run({ type: 'room.create', room: draft, at: ctx.clock.now() }, made => {
    ctx.directory.keepRoom(made.room)
    ctx.emit({ type: 'member.joined', user, ...made })
  })
  return room
}

/** The name as far as it may be one, else another. */
function nameOr(name: string | null, other: string): string {
  const tidy = name?.toWellFormed().trim() ?? ''
  return tidy !== '' && fits(tidy, ROOM_NAME_MAX) ? tidy : other
}

async function joinOrMake(ctx: Context, actor: Actor, input: RoomDraft): Promise<Joined> {
  const user = allowed(actor, 'room.join')
  const known = await ctx.directory.labelled(input.label)
  if (input.kind === null && known?.deletedAt !== null) refuse({ code: 'room_unknown' })
  const made = known ? undefined : await makeFor(ctx, actor, input)
  const room = made ?? known ?? (await ctx.directory.labelled(input.label))
  if (!room) return refuse({ code: 'room_access_denied' })
  const isNew = made !== undefined || (await join(ctx, user, room))
  const membership = await ctx.store.membership(room.id, user.id)
  const [seq = 0] = await ctx.store.heads([room.id])
  return { ...(await attendance(ctx, room, user)), isNew, joinedAt: membership?.joinedAt ?? ctx.clock.now(), seq }
}

/** Undefined when somebody else was faster. */
async function makeFor(ctx: Context, actor: Actor, { label, name, kind }: RoomDraft): Promise<Room | undefined> {
  if (!isLabel(label) || !isJoinable(kind as Room['kind'])) return refuse({ code: 'room_access_denied' })
  try {
    return await make(ctx, actor, { label, name, kind: kind as JoinableKind }) // looked at above
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'room_exists') return undefined
    throw error
  }
}

/** The first members of a room, `first` among them if given. */
async function attendance(ctx: Context, room: Room, first?: User): Promise<Attendance> {
  const { items, total } = await ctx.store.members(room.id, { after: null, limit: NAMED_MAX })
  const known = await ctx.directory.users(items)
  const named = items.flatMap(id => known.get(id) ?? [])
  const people = first && !known.has(first.id) ? [first, ...named.slice(0, NAMED_MAX - 1)] : named
  const lastAt = await ctx.store.lastActivity(room.id)
  return { room, people, members: total, typing: ctx.typing.in(room.id), lastAt }
}

async function list(ctx: Context, actor: Actor, page: PageQuery): Promise<PageOf<RoomView> & { unread: number }> {
  const user = signedIn(actor)
  const { items, total } = await ctx.store.roomList(user.id, page)
  const peers = await ctx.directory.users(items.flatMap(({ room }) => peerOf(room, user.id) ?? []))
  const views = items.map(item => ({ ...item, peer: peers.get(peerOf(item.room, user.id) ?? user.id) ?? null }))
  return { items: views, total, unread: await ctx.store.unreadTotal(user.id) }
}

const peerOf = (room: Room, user: UserId): UserId | null => room.pair && otherOf(room.pair, user)

/** A room of the user as `room.list` shows it. */
export async function viewOf(ctx: Context, user: User, room: Room): Promise<RoomView> {
  const listed = await ctx.store.listedRoom(user.id, room.id)
  if (!listed) return refuse({ code: 'not_member' })
  const peer = peerOf(room, user.id)
  return { ...listed, peer: peer && ((await ctx.directory.user(peer)) ?? null) }
}

async function change(ctx: Context, actor: Actor, { ref, patch }: { ref: RoomRef; patch: RoomPatch }): Promise<Room> {
  const { room } = await ruledRoom(ctx, actor, ref)
  if (Object.keys(patch).length === 0) refuse({ code: 'nothing_to_change' })
  const named = patch.name === undefined ? patch : { ...patch, name: nameOr(patch.name, room.name) }
  const write = { type: 'room.change', room: room.id, patch: named, at: ctx.clock.now() } as const
  const changed = await ctx.commits.run(write, done => {
    ctx.directory.keepRoom(done.room)
    ctx.emit({ type: 'room.changed', ...done })
  })
  return changed.room
}

/** Rows erased in one transaction. */
const SLICE = 500

async function remove(ctx: Context, actor: Actor, { ref }: { ref: RoomRef }): Promise<object> {
  const { room } = await ruledRoom(ctx, actor, ref)
  if (room.kind === 'lobby') refuse({ code: 'room_access_denied' })
  const files = await filesIn(ctx, room.id)
  await ctx.commits.run({ type: 'room.delete', room: room.id, at: ctx.clock.now() }, done => {
    ctx.directory.keepRoom(done.room)
    ctx.emit({ type: 'room.deleted', ...done })
  })
  ctx.runs.cancelIn(room.id)
  erase(ctx, room.id, files)
  return {}
}

/** Has erased what a deleted room held, then the bytes of these files of it. */
export function erase(ctx: Context, room: RoomId, files: readonly FileId[] = []): void {
  ctx.chores.start(async () => {
    const { removed } = await ctx.commits.run({ type: 'room.erase', room, limit: SLICE })
    if (removed > 0) return true
    await dropBytes(ctx, files)
    return false
  })
}

/** Has erased what is left of rooms whose erasing did not come to its end. */
export function eraseLeft(ctx: Context): void {
  ctx.chores.start(async () => {
    const [room] = await ctx.store.deletedRooms(1)
    if (room) await ctx.commits.run({ type: 'room.erase', room, limit: SLICE })
    return room !== undefined
  })
}
