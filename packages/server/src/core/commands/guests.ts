import type { Context } from '../context.ts'
import type { UserId } from '../ids.ts'
import { operatorOnly } from '../permissions.ts'
import type { Headers, Verdict } from '../ports/verifier.ts'
import { BUSY, Refused, refuse } from '../refusals.ts'
import type { Actor, Credential, SignedIn, User, Visitor } from '../user.ts'
import { isOpen } from './accounts.ts'
import type { Implementation } from './command.ts'
import { limit } from './limits.ts'

/** How long guests are remembered after their last message, in milliseconds. */
const GUEST_LIFE = 3_600_000
/** Rows that one step of forgetting erases. */
const ROWS_AT_ONCE = 500
const GUESTS_AT_ONCE = 100
/** Seconds after which a socket that waits for its credentials is ended. */
const WAIT = 30

/** A guest at the door. */
export interface Entered {
  readonly actor: GuestActor
  /** The session of before, where it goes on or may go on after a sign-in; null for a new one. */
  readonly session: string | null
  /** Whether it is the guest who was here before. */
  readonly isBack: boolean
}

export type GuestActor = SignedIn & { readonly credential: Credential & { readonly by: 'guest' } }

export interface GuestCommands {
  /**
   * Lets somebody in without an account: a new guest, or the one whose session it is. Where guests are not open to them they
   * may only say who they are. At the door, refuses rate_limited where too many from an address wait to do so.
   */
  'guest.enter': { input: { session: string | null; isAtDoor: boolean }; result: Entered }
  /**
   * Has credentials of elsewhere judged; `headers` is null for some that can't be. A guest whose are accepted may talk. Without a
   * verifier they are accepted of whoever may talk anyway. Refuses rate_limited after too many wrong ones, busy.
   */
  'guest.vouch': { input: { headers: Headers | null }; result: Vouched }
  /** Erases the guests who were silent for an hour and are not here. Answers how many. The operator. */
  'guests.sweep': { input: object; result: { erased: number } }
}

export type Vouched =
  | { readonly state: 'accepted'; readonly actor: SignedIn }
  | (Verdict & { readonly state: 'rejected' })

export const guestCommands: Implementation<GuestCommands> = {
  'guest.enter': enter,
  'guest.vouch': vouch,
  'guests.sweep': async (ctx, actor) => {
    operatorOnly(actor)
    return { erased: await sweep(ctx) }
  },
}

async function enter(
  ctx: Context,
  actor: Actor,
  { session, isAtDoor }: GuestCommands['guest.enter']['input'],
): Promise<Entered> {
  if (actor.kind !== 'anonymous') return refuse({ code: 'unauthenticated' })
  const visitor = visitorOf(actor)
  const owners = session === null ? [] : await ctx.store.sessionOwners(session)
  const isAllowed = !visitor.foreign && isOpen(ctx.settings.guests.openness, visitor.local)
  const known = isAllowed ? owners.find(({ role }) => role === 'guest') : undefined
  const mayTalk = isAllowed && (known !== undefined || ctx.guests.hasPlace(visitor.address))
  if (isAtDoor && !mayTalk && !ctx.guests.mayWait(visitor.address)) refuse({ code: 'rate_limited', retryAfter: WAIT })
  if (known) ctx.guests.keep(known.id)
  const goesOn = known !== undefined || owners.some(({ role }) => role !== 'guest')
  return {
    actor: { kind: 'user', user: known ?? newGuest(ctx), credential: { by: 'guest', mayTalk, visitor } },
    session: goesOn ? session : null,
    isBack: known !== undefined,
  }
}

const visitorOf = ({ address, local, foreign = false }: Visitor): Visitor => ({ address, local, foreign })

/** Somebody of whom nothing is stored. */
function newGuest({ ids, clock }: Context): User {
  return {
    id: ids.uuid() as UserId, // a fresh uuid is what a user id is
    name: `guest-${ids.secret(6)}`,
    role: 'guest',
    email: null,
    webhookUrl: null,
    logo: null,
    emoji: null,
    createdBy: null,
    createdAt: clock.now(),
    deletedAt: null,
  }
}

async function vouch(ctx: Context, actor: Actor, { headers }: GuestCommands['guest.vouch']['input']): Promise<Vouched> {
  if (actor.kind !== 'user') return refuse({ code: 'unauthenticated' })
  const { credential } = actor
  const isIn = credential.by !== 'guest' || credential.mayTalk
  if (headers === null || !ctx.verifier)
    return isIn ? { state: 'accepted', actor } : { state: 'rejected', detail: null }
  const counted = credential.by === 'guest' ? credential.visitor.address : actor.user.id
  // Counted before the answer is known, so that many guesses at once count too.
  limit(ctx, 'signIns', counted)
  const verdict = await ctx.verifier.verify(headers)
  if (verdict.state === 'rejected') return verdict
  ctx.limits.signIns.giveBack(counted)
  if (isIn) return { state: 'accepted', actor }
  if (!ctx.guests.hasPlace(credential.visitor.address)) throw new Refused(BUSY)
  return { state: 'accepted', actor: { ...actor, credential: { ...credential, mayTalk: true } } }
}

/** Stores a guest who says something, unless they are stored. */
export async function keepGuest(ctx: Context, user: User): Promise<void> {
  if (ctx.guests.isKept(user.id)) return
  const at = ctx.clock.now()
  await ctx.commits.run({ type: 'user.create', user: { ...user, createdAt: at }, key: null, ticket: null, at }, () =>
    ctx.guests.keep(user.id),
  )
}

/** Takes the guests of an earlier process as known. To be called once, before the first client. */
export async function recallGuests(ctx: Context): Promise<void> {
  for (const { id } of await ctx.store.guests(Number.MAX_SAFE_INTEGER, ctx.settings.guests.max)) ctx.guests.keep(id)
}

async function sweep(ctx: Context): Promise<number> {
  let erased = 0
  const before = ctx.clock.now() - GUEST_LIFE
  const silent = await ctx.store.guests(before, GUESTS_AT_ONCE + ctx.guests.size)
  for (const guest of silent) {
    if (ctx.guests.isHere(guest.id)) continue
    await erase(ctx, guest)
    erased++
  }
  return erased
}

async function erase(ctx: Context, guest: User): Promise<void> {
  const { items } = await ctx.store.conversations(guest.id, { limit: Number.MAX_SAFE_INTEGER, offset: 0 })
  for (const { room } of items) ctx.runs.cancelIn(room)
  for (let isDone = false; !isDone; )
    ({ isDone } = await ctx.commits.run({
      type: 'guest.erase',
      id: guest.id,
      limit: ROWS_AT_ONCE,
      at: ctx.clock.now(),
    }))
  ctx.directory.forget(
    guest,
    items.map(({ room }) => room),
  )
  ctx.guests.forget(guest.id)
}
