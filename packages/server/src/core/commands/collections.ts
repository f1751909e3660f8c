import type { Collection } from '../collection.ts'
import type { Context } from '../context.ts'
import { type CollectionId, collectionId, type MessageId, messageId } from '../ids.ts'
import { adminOnly, signedIn } from '../permissions.ts'
import { readsAbove } from '../places.ts'
import type { PageOf, PageQuery } from '../ports/store.ts'
import { refuse } from '../refusals.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'

export interface OwnedCollection {
  readonly collection: Collection
  readonly owner: User
}

export interface CollectionPatch {
  readonly title?: string | null
  readonly description?: string | null
  readonly messages?: readonly string[]
}

/** Refuse collection_unknown, not_owner and, for messages the actor can't see, message_unknown. */
export interface CollectionCommands {
  'collections.create': { input: CollectionPatch; result: OwnedCollection }
  /** One's own, newest first; everyone's for a viewer where viewers may read everything. */
  'collections.list': { input: PageQuery; result: PageOf<OwnedCollection> }
  'collections.show': { input: { id: string }; result: OwnedCollection }
  'collections.change': { input: { id: string; patch: CollectionPatch }; result: OwnedCollection }
  'collections.delete': {
    input: { id: string; as: 'owner' | 'owner-or-admin' | 'admin' }
    result: { id: CollectionId }
  }
}

export const collectionCommands: Implementation<CollectionCommands> = {
  'collections.create': create,
  'collections.list': async (ctx, actor, page) => {
    const user = signedIn(actor)
    const found = await ctx.store.collections(readsAll(ctx, user) ? null : user.id, page)
    return { items: await Promise.all(found.items.map(item => withOwner(ctx, item))), total: found.total }
  },
  'collections.show': async (ctx, actor, { id }) => {
    const user = signedIn(actor)
    const collection = await found(ctx, id)
    return collection.owner === user.id || readsAll(ctx, user) ? withOwner(ctx, collection) : notOwner()
  },
  'collections.change': change,
  'collections.delete': remove,
}

const notOwner = (): never => refuse({ code: 'not_owner', of: 'collection' })

const readsAll = (ctx: Context, user: User): boolean => user.role === 'viewer' && ctx.settings.selfAssignedRoles

async function create(ctx: Context, actor: Actor, input: CollectionPatch): Promise<OwnedCollection> {
  const owner = signedIn(actor)
  const collection: Collection = {
    id: ctx.ids.uuid() as CollectionId, // a fresh uuid is what a collection id is
    owner: owner.id,
    title: input.title ?? null,
    description: input.description ?? null,
    messages: await visible(ctx, owner, input.messages ?? []),
    createdAt: ctx.clock.now(),
  }
  await ctx.commits.run({ type: 'collection.create', collection })
  return { collection, owner }
}

async function change(
  ctx: Context,
  actor: Actor,
  input: { id: string; patch: CollectionPatch },
): Promise<OwnedCollection> {
  const owner = signedIn(actor)
  const { id, owner: ownerId } = await found(ctx, input.id)
  if (ownerId !== owner.id) notOwner()
  const { title, description, messages } = input.patch
  const patch = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(messages !== undefined && { messages: await visible(ctx, owner, messages) }),
  }
  const { collection } = await ctx.commits.run({ type: 'collection.change', id, patch })
  return { collection, owner }
}

async function remove(ctx: Context, actor: Actor, input: CollectionCommands['collections.delete']['input']) {
  if (input.as === 'admin') adminOnly(actor)
  const user = signedIn(actor)
  const { id, owner } = await found(ctx, input.id)
  if (owner !== user.id && (input.as === 'owner' || user.role !== 'admin')) notOwner()
  await ctx.commits.run({ type: 'collection.delete', id })
  return { id }
}

async function found(ctx: Context, id: string): Promise<Collection> {
  const known = collectionId(id)
  const collection = known && (await ctx.store.collection(known))
  return collection ?? refuse({ code: 'collection_unknown', id })
}

async function withOwner(ctx: Context, collection: Collection): Promise<OwnedCollection> {
  const owner = await ctx.directory.user(collection.owner)
  return { collection, owner: owner ?? refuse({ code: 'collection_unknown', id: collection.id }) }
}

/** The ids, if each names a message the user can see. Refuses message_unknown for the first that does not. */
async function visible(ctx: Context, user: User, ids: readonly string[]): Promise<readonly MessageId[]> {
  return Promise.all(
    ids.map(async id => {
      const known = messageId(id)
      const message = known && (await ctx.store.message(known))
      const room = message && (await ctx.directory.room(message.room))
      const membership = room && (await ctx.store.membership(room.id, user.id))
      const isSeen = membership && message.ordinal > readsAbove(room, membership)
      return isSeen ? message.id : refuse({ code: 'message_unknown', id })
    }),
  )
}
