import { type Approval, type Decision, decisionText, newCode } from '../approval.ts'
import type { Context } from '../context.ts'
import type { RunId } from '../ids.ts'
import { operatorOnly, signedIn } from '../permissions.ts'
import { pairOf } from '../places.ts'
import type { Outside } from '../ports/agents.ts'
import { refuse } from '../refusals.ts'
import type { Room } from '../room.ts'
import type { Run } from '../run.ts'
import type { Actor, User } from '../user.ts'
import type { Implementation } from './command.ts'
import { type Sent, sendAndWait } from './sending.ts'
import { type NewPost, retryKey } from './targets.ts'

/** Most that a list shows. */
const LIST_MAX = 100
/** How long one that was decided or expired is kept so that it can be said, in milliseconds. */
const KEPT = 3_600_000
const ROWS_AT_ONCE = 500

/** An approval, the room where it was asked for, and who wants to use the tool. */
export interface ShownApproval {
  readonly approval: Approval
  readonly room: Room
  readonly agent: User
}

export interface ApprovalCommands {
  /** Keeps what an agent wants to do in a run until its asker decides. The operator. Refuses run_unknown, run_ended, user_unknown. */
  'approval.ask': {
    input: { run: RunId } & Pick<Approval, 'tool' | 'arguments' | 'why'>
    result: { approval: Approval }
  }
  /**
   * Takes the decision that the question of `run` says. It counts from the asker alone, once, in time, while they are where it was
   * asked for, and only said there or to the agent alone. The operator. Refuses approval_unknown, approval_elsewhere, not_member,
   * approval_decided, approval_expired.
   */
  'approval.decide': { input: { run: RunId; code: string; decision: Decision }; result: { approval: Approval } }
  /** What the actor may decide now, the oldest first, at most LIST_MAX. */
  'approval.list': { input: object; result: { items: readonly ShownApproval[] } }
  /**
   * Sends the message that decides, to where it was asked for, or `privately` to the agent alone. A repeat with the same client id is
   * answered with the first message. Refuses approval_unknown, not_member, approval_decided, approval_expired, and what a send does.
   */
  'approval.answer': { input: Answer; result: { approval: Approval; sent: Sent } }
  /** Erases what was decided or expired an hour ago. Answers how many. The operator. */
  'approvals.sweep': { input: object; result: { erased: number } }
}

interface Answer {
  readonly code: string
  readonly decision: Decision
  readonly privately: boolean
  readonly clientId: string | null
  readonly outside: Outside | null
}

export const approvalCommands: Implementation<ApprovalCommands> = {
  'approval.ask': (ctx, actor, wanted) => {
    operatorOnly(actor)
    const at = ctx.clock.now()
    const expiresAt = at + ctx.settings.approvalTime
    return ctx.commits.run({ type: 'approval.ask', ...wanted, code: newCode(ctx.ids), at, expiresAt })
  },
  'approval.decide': decide,
  'approval.list': list,
  'approval.answer': answer,
  'approvals.sweep': async (ctx, actor) => {
    operatorOnly(actor)
    return { erased: await sweep(ctx) }
  },
}

async function decide(
  ctx: Context,
  actor: Actor,
  { run: id, code, decision }: ApprovalCommands['approval.decide']['input'],
) {
  operatorOnly(actor)
  const [run] = await ctx.store.runs([id])
  const approval = run && (await ctx.store.approval(code))
  if (!run || approval?.asker !== run.asker) return refuse({ code: 'approval_unknown' })
  if (!(await isPlaceFor(ctx, approval, run))) refuse({ code: 'approval_elsewhere' })
  if (!(await roomOf(ctx, approval))) refuse({ code: 'not_member' })
  return ctx.commits.run({ type: 'approval.decide', code, user: run.asker, decision, at: ctx.clock.now() })
}

/** Where it was asked for, everybody may read what comes of it who reads it now; in the rooms of the two nobody else does. */
async function isPlaceFor(ctx: Context, { room, conversation, asker, agent }: Approval, run: Run): Promise<boolean> {
  if (run.agent !== agent) return false
  if (run.room === room) return run.conversation === conversation
  const other = await ctx.directory.room(run.room)
  return other?.kind === 'conversation' ? other.owner === asker : other?.pair?.includes(agent) === true
}

/** The room where it was asked for, while its asker is in it. */
async function roomOf(ctx: Context, { room: id, asker }: Approval): Promise<Room | undefined> {
  const room = await ctx.directory.room(id)
  const isIn = room?.deletedAt === null && (await ctx.store.membership(id, asker)) !== undefined
  return isIn ? room : undefined
}

async function list(ctx: Context, actor: Actor) {
  const user = signedIn(actor)
  const pending = await ctx.store.approvals(user.id, ctx.clock.now(), LIST_MAX)
  const agents = await ctx.directory.users(pending.map(({ agent }) => agent))
  const items: ShownApproval[] = []
  for (const approval of pending) {
    const agent = agents.get(approval.agent)
    const room = await roomOf(ctx, approval)
    if (agent && room) items.push({ approval, room, agent })
  }
  return { items }
}

async function answer(ctx: Context, actor: Actor, { code, decision, privately, clientId, outside }: Answer) {
  const user = signedIn(actor)
  const approval = await ctx.store.approval(code.toUpperCase())
  if (approval?.asker !== user.id) return refuse({ code: 'approval_unknown' })
  // Sending would bring somebody back into a room that they left.
  const room = (await roomOf(ctx, approval)) ?? refuse({ code: 'not_member' })
  const ref = privately ? ({ by: 'user', id: approval.agent } as const) : ({ by: 'id', id: room.id } as const)
  const post: NewPost = {
    to: { at: 'room', ref, unknown: 'refuse' },
    body: decisionText(decision, approval.code),
    conversation: privately ? null : approval.conversation,
    ...{ clientId, outside, onConflict: 'refuse' },
  }
  const place = privately ? await ctx.directory.direct(pairOf(user.id, approval.agent)) : room
  if (!place || !(await wasSent(ctx, user, post, place))) checkIsPending(ctx, approval)
  return { approval, sent: await sendAndWait(ctx, actor, post) }
}

async function wasSent(ctx: Context, user: User, post: NewPost, room: Room): Promise<boolean> {
  const retry = retryKey(ctx, post, room)
  return retry !== null && (await ctx.store.firstSent(user.id, retry.clientId, retry.digest)) !== undefined
}

function checkIsPending(ctx: Context, { decided, expiresAt }: Approval): void {
  if (decided) refuse({ code: 'approval_decided', decision: decided.decision })
  if (expiresAt <= ctx.clock.now()) refuse({ code: 'approval_expired' })
}

async function sweep(ctx: Context): Promise<number> {
  let erased = 0
  for (let removed = ROWS_AT_ONCE; removed === ROWS_AT_ONCE; erased += removed) {
    const write = { type: 'approval.sweep', before: ctx.clock.now() - KEPT, limit: ROWS_AT_ONCE } as const
    ;({ removed } = await ctx.commits.run(write))
  }
  return erased
}
