import { decisionOf } from '../approval.ts'
import type { CommitWaiter } from '../commits.ts'
import type { Context } from '../context.ts'
import type { ConnectionId } from '../events.ts'
import type { MessageId, RunId, UserId } from '../ids.ts'
import { BODY_MAX, fits, type Message, QUESTION_MAX, type ShownMessage } from '../message.ts'
import { may } from '../permissions.ts'
import { mayEnter } from '../places.ts'
import type { Outside } from '../ports/agents.ts'
import type { Appended, NewMessage, NewRun, Outcome } from '../ports/writes.ts'
import { type Refusal, Refused } from '../refusals.ts'
import { trimAfter } from '../retention.ts'
import type { Room } from '../room.ts'
import type { AskOptions } from '../run.ts'
import { answers, mentioned } from '../runs/mention.ts'
import type { Actor, User } from '../user.ts'
import { enter } from './members.ts'
import { directFault, find, type NewPost, retryKey, type Target } from './targets.ts'

export type SendMessage = { readonly type: 'message.send' } & NewPost
/** Marks one message read. */
export type MarkMessage = { readonly type: 'read.message'; readonly id: string }

/** How a send ended well. */
export interface Sent extends ShownMessage {
  readonly room: Room
  /** Whether an earlier attempt had stored it. */
  readonly isRepeat: boolean
  /** The run that answers it; null where none was started by this attempt. */
  readonly answering: RunId | null
}

/**
 * Told once how each write it submitted ended: of those that were stored in the order it submitted them, of a refused one
 * maybe sooner. A connection is one, so that a message or a mark costs no promise. `command` is the very object that was
 * submitted.
 */
export interface Submitter {
  /** The connection an answer to the message goes to. */
  readonly connection?: ConnectionId | undefined
  /** What the connection showed for requests to elsewhere, where the message has none of its own. */
  readonly outside?: Outside | null
  /** The message is durable. Of a note to oneself it is told after the event, of any other message before it. */
  sent(sent: Sent, command: SendMessage): void
  /** The mark is durable. */
  marked(command: MarkMessage): void
  /** Nothing was stored. */
  refused(refusal: Refusal, command: SendMessage | MarkMessage): void
}

/**
 * Checks and stores a message; `submitter` hears of the end either way. Returns a promise only when the place, or what
 * the message decides, had to be looked up first; the caller then waits before it sends on.
 *
 * Checked in this order: body, place exists, recipient may receive, role may send, rate.
 */
export function send(
  ctx: Context,
  actor: Actor,
  command: SendMessage,
  submitter: Submitter,
): Promise<void> | undefined {
  const refusal = bodyFault(command)
  if (refusal) return void submitter.refused(refusal, command)
  if (actor.kind !== 'user') return void submitter.refused({ code: 'unauthenticated' }, command)
  const sending = { ctx, user: actor.user, command, submitter }
  const target = find(ctx, actor.user, command)
  if (target instanceof Promise || decisionOf(command.body)) return sendLater(sending, target)
  return void store(sending, target)
}

/** `send` for callers that want to wait; rejects with Refused. */
export function sendAndWait(ctx: Context, actor: Actor, post: NewPost): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const submitter: Submitter = {
      sent: resolve,
      marked: () => undefined,
      refused: refusal => reject(new Refused(refusal)),
    }
    send(ctx, actor, { ...post, type: 'message.send' }, submitter)?.catch(reject)
  })
}

/** A message on its way to the store. */
interface Sending {
  readonly ctx: Context
  readonly user: User
  readonly command: SendMessage
  readonly submitter: Submitter
  /** The agent that waits for what the message decides. */
  readonly waiting?: UserId | undefined
}

async function sendLater(sending: Sending, looked: Target | Promise<Target>): Promise<void> {
  try {
    const target = await looked
    store({ ...sending, waiting: await waitingAgent(sending) }, target)
  } catch (error) {
    fail(sending, error)
  }
}

async function waitingAgent({ ctx, user, command }: Sending): Promise<UserId | undefined> {
  const said = decisionOf(command.body)
  const approval = said && (await ctx.store.approval(said.code))
  return approval?.asker === user.id ? approval.agent : undefined
}

function fail({ ctx, submitter, command }: Sending, error: unknown): void {
  if (!(error instanceof Refused)) ctx.onFault(error)
  submitter.refused(error instanceof Refused ? error.refusal : { code: 'storage_failed' }, command)
}

function store(sending: Sending, target: Target): void {
  const { ctx, user, command, submitter } = sending
  const refusal = sendFault(ctx, user, target)
  if (refusal) return submitter.refused(refusal, command)
  const draft: NewMessage = {
    id: ctx.ids.uuid() as MessageId, // a fresh uuid is what a message id is
    room: target.room.id,
    sender: user.id,
    kind: command.kind ?? 'text',
    // A half of a surrogate pair has no UTF-8: what is confirmed and pushed would not be what is stored.
    body: command.body.toWellFormed(),
    replyTo: command.replyTo ?? null,
    retry: retryKey(ctx, command, target.room),
    conversation: target.conversation,
    run: runFor(sending, target),
    at: ctx.clock.now(),
  }
  new Pending(sending, draft, target).add()
}

const NO_OPTIONS: AskOptions = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

/** The run that will answer, where the room and the message want one. */
function runFor(sending: Sending, target: Target): NewRun | null {
  const { ctx, user } = sending
  const { ask, body, kind, isUnanswered = false } = sending.command
  const agent = agentFor(sending, target)
  if (!agent || isUnanswered || kind === 'system' || user.role === 'agent') return null
  if (!answers(target.room, body, ask ?? null, agent)) return null
  return { id: ctx.ids.uuid() as RunId, agent: agent.id, options: ask ?? NO_OPTIONS } // a fresh uuid is what a run id is
}

/** Who would answer a message: the agent it is to, or that waits for it, or the one it names; where it names none, the assistant. */
function agentFor({ ctx: { directory }, command, waiting }: Sending, { recipient }: Target): User | undefined {
  if (recipient?.role === 'agent') return recipient
  const id = command.agent ?? waiting
  const known = id ? directory.agent(id) : mentioned(command.body, directory.agents)
  return known ?? directory.assistant
}

function bodyFault({ body, to }: NewPost): Refusal | undefined {
  if (body.length === 0) return { code: 'body_empty' }
  // What people give the assistant to work on is longer than what they say to each other.
  const most = to.at === 'conversation' ? QUESTION_MAX : BODY_MAX
  return fits(body, most) ? undefined : { code: 'body_too_long' }
}

function sendFault(ctx: Context, user: User, { room, recipient }: Target): Refusal | undefined {
  const role = recipient ? directFault(user, recipient) : roomFault(user, room)
  if (role) return role
  const retryAfter = ctx.limits.messages?.take(user.id) ?? 0
  return retryAfter > 0 ? { code: 'rate_limited', retryAfter } : undefined
}

function roomFault({ role }: User, { kind }: Room): Refusal | undefined {
  const capability = kind === 'lobby' ? 'lobby.send' : kind === 'conversation' ? 'conversation.send' : 'room.send'
  return may(role, capability) ? undefined : { code: 'role_forbids', role, capability }
}

/** Messages that wait until their sender is in the room, by sender and room. */
export type Entering = Map<string, Pending[]>

/** A message between check and commit. */
class Pending implements CommitWaiter {
  readonly #sending: Sending
  readonly #draft: NewMessage
  readonly #target: Target

  constructor(sending: Sending, draft: NewMessage, target: Target) {
    this.#sending = sending
    this.#draft = draft
    this.#target = target
  }

  /** To the store, or behind earlier ones that wait until their sender is in the room. */
  add(): void {
    const { ctx } = this.#sending
    const waiting = ctx.entering.size === 0 ? undefined : ctx.entering.get(this.#place)
    if (waiting) waiting.push(this)
    else ctx.commits.add({ type: 'message.append', ...this.#draft }, this)
  }

  get #place(): string {
    return `${this.#draft.sender} ${this.#draft.room}`
  }

  committed(outcome: Outcome): void {
    if (outcome.state === 'refused') return this.#refused(outcome.refusal)
    const appended = (outcome as Outcome<'message.append'> & { state: 'done' }).value // the outcome of our own append
    if (appended.state === 'repeated') return this.#repeated(appended.first)
    this.#stored(appended)
  }

  #repeated(first: Message): void {
    const { ctx, submitter, command } = this.#sending
    const sent = (room: Room) =>
      submitter.sent({ ...this.#shown(first), room, isRepeat: true, answering: null }, command)
    if (first.room === this.#target.room.id) return sent(this.#target.room)
    // Of conversations, which all count as one place, it was another one.
    const isNamed = command.to.at === 'room' || command.conversation != null
    if (isNamed && command.onConflict === 'refuse') return this.failed({ code: 'id_conflict' })
    const tell = (room: Room | undefined) => void sent(room ?? this.#target.room)
    const known = ctx.directory.peekRoom(first.room)
    if (known) return tell(known)
    ctx.directory.room(first.room).then(tell, error => fail(this.#sending, error))
  }

  failed(refusal: Refusal): void {
    this.#sending.submitter.refused(refusal, this.#sending.command)
  }

  #stored(appended: Appended & { state: 'stored' }): void {
    const { ctx, user, submitter, command } = this.#sending
    const { room, recipient } = this.#target
    const shown = this.#shown(stored(this.#draft, appended))
    ctx.emit({ type: 'message.sent', room, seq: appended.seq, at: appended.at, ...shown })
    trimAfter(ctx, room.id, appended.ordinal)
    const sent = { ...shown, room, isRepeat: false, answering: appended.run?.run.id ?? null }
    // The event leaves when all of this group were told.
    if (recipient?.id === user.id) queueMicrotask(() => submitter.sent(sent, command))
    else submitter.sent(sent, command)
    const agent = appended.run && agentFor(this.#sending, this.#target)
    if (!appended.run || !agent) return
    const { run, seq } = appended.run
    const { at } = appended
    const { outside = submitter.outside ?? null, hear, prior } = command
    ctx.runs.start({
      run,
      room,
      agent,
      asker: user,
      via: submitter.connection,
      outside,
      hear,
      prior,
      message: shown.message,
      seq,
      at,
    })
  }

  #refused(refusal: Refusal): void {
    const { user } = this.#sending
    // Whoever may go into a room may speak there without asking first.
    if (refusal.code === 'not_member' && mayEnter(user, this.#target.room)) this.#enterFirst()
    else this.failed(refusal.code === 'not_member' ? { code: 'room_access_denied' } : refusal)
  }

  /** What the sender said before is refused before they are in, and what they say from now on waits: so the order is kept. */
  #enterFirst(): void {
    const { ctx, user } = this.#sending
    const place = this.#place
    const waiting = ctx.entering.get(place)
    if (waiting) return void waiting.push(this)
    const all: Pending[] = [this]
    ctx.entering.set(place, all)
    const entered = () => {
      ctx.entering.delete(place)
      for (const one of all) one.add()
    }
    const refused = (error: unknown) => {
      ctx.entering.delete(place)
      for (const one of all) fail(one.#sending, error)
    }
    enter(ctx, user, this.#target.room).then(entered, refused)
  }

  #shown(message: Message): ShownMessage {
    return { message, sender: this.#sending.user, recipient: this.#target.recipient, run: null, asker: null }
  }
}

function stored(draft: NewMessage, given: Appended & { state: 'stored' }): Message {
  return {
    id: draft.id,
    number: given.number,
    room: draft.room,
    seq: given.seq,
    ordinal: given.ordinal,
    sender: draft.sender,
    kind: draft.kind,
    body: draft.body,
    clientId: draft.retry?.clientId ?? null,
    replyTo: draft.replyTo,
    conversation: given.conversation,
    run: null,
    at: given.at,
    editedAt: null,
    deletedAt: null,
  }
}
