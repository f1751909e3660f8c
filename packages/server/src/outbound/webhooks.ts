import { type CoreEvent, isDirectoryEvent, type RoomEvent } from '../core/events.ts'
import type { UserId } from '../core/ids.ts'
import type { ShownMessage } from '../core/message.ts'
import type { Broker } from '../core/ports/broker.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Store } from '../core/ports/store.ts'
import { messageResponse } from '../protocols/token-bowl/shapes.ts'
import { type After, after as realAfter } from './after.ts'
import {
  type Attempt,
  DELIVERY_LIMITS,
  Deliveries,
  type DeliveryLimits,
  type Ending,
  type Parcel,
} from './deliveries.ts'
import type { Guard, OutboundAnswer } from './guard.ts'
import { type Hook, Hooks } from './hooks.ts'
import { type SigningKey, signatureHeaders } from './signing.ts'

/** For one attempt, from the name to the status, in milliseconds. */
const ATTEMPT_TIMEOUT = 10_000

export interface WebhookSettings {
  readonly broker: Broker
  readonly store: Pick<Store, 'everyone'>
  readonly guard: Pick<Guard, 'call'>
  readonly key: SigningKey
  readonly clock: Clock
  readonly log: {
    warn(fields: object, text: string): void
    info(fields: object, text: string): void
  }
  /** Told how each delivery ended, for counting. */
  readonly onEnded?: (ending: Ending) => void
  readonly after?: After
  readonly limits?: DeliveryLimits
}

export interface Webhooks {
  /** Deliveries accepted and not ended, and the bytes they hold. */
  queued(): { readonly deliveries: number; readonly bytes: number }
  /** Hears no more messages; resolves once everything queued has ended, at the latest after `timeout` milliseconds. */
  drain(timeout: number): Promise<void>
}

/** A message on its way to webhooks. */
interface Post extends Parcel {
  readonly id: string
  readonly body: Uint8Array
}

type MessageEvent = Extract<RoomEvent, ShownMessage>

/**
 * Posts messages to the webhooks of their readers: one of the lobby to everyone's but its sender's, a direct one to its
 * recipient's. In the background and best effort: what is queued does not outlive the process. Resolves once it is known
 * who has a webhook.
 */
export async function createWebhooks(settings: WebhookSettings): Promise<Webhooks> {
  const { broker, store, clock, after = realAfter, limits = DELIVERY_LIMITS } = settings
  const hooks = new Hooks()
  const tellOfLoss = lossTeller(settings.log)
  const deliveries = new Deliveries<UserId, Post>({
    attempt: (to, post, signal) => attempt(settings, hooks.of(to), to, post, signal),
    ended(_, ending) {
      tellOfLoss(ending, deliveries.queued)
      settings.onEnded?.(ending)
    },
    clock,
    after,
    limits,
  })
  const leave = broker.subscribe(events => {
    for (const event of events) hear(event, hooks, deliveries)
  })
  await hooks.load(() => store.everyone())
  return {
    queued: () => ({ deliveries: deliveries.queued, bytes: deliveries.bytes }),
    drain(timeout) {
      leave()
      return deliveries.drained(timeout)
    },
  }
}

function hear(event: CoreEvent, hooks: Hooks, deliveries: Deliveries<UserId, Post>): void {
  if (isDirectoryEvent(event)) return hooks.hear(event)
  if (event.type !== 'message.sent') return
  const receivers = receiversOf(event, hooks)
  if (receivers.length === 0) return
  const post = written(event)
  for (const to of receivers) deliveries.add(to, post)
}

function receiversOf(event: MessageEvent, hooks: Hooks): readonly UserId[] {
  switch (event.room.kind) {
    case 'lobby':
      return [...hooks.users()].filter(id => id !== event.sender.id)
    case 'direct':
      return event.recipient && hooks.of(event.recipient.id) ? [event.recipient.id] : []
    // Webhooks tell what Token Bowl shows.
    case 'private':
    case 'shared':
    case 'group':
    case 'conversation':
    case 'directory':
      return []
    default:
      event.room.kind satisfies never
      return []
  }
}

function written(event: MessageEvent): Post {
  const body = Buffer.from(JSON.stringify(messageResponse(event)))
  return { id: event.message.id, body, bytes: body.length }
}

async function attempt(
  { guard, key, clock, log }: WebhookSettings,
  hook: Hook | undefined,
  user: UserId,
  { id, body }: Post,
  signal: AbortSignal,
): Promise<Attempt> {
  if (!hook) return 'unwanted'
  const answer = await guard.call({
    method: 'POST',
    url: hook.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Parley',
      ...signatureHeaders(key, id, clock.now(), body),
    },
    body,
    timeout: ATTEMPT_TIMEOUT,
    bodyMax: 0,
    signal,
  })
  const result = outcome(answer)
  const failing = result !== 'delivered'
  if (failing !== hook.failing && !signal.aborted) {
    if (failing) log.warn({ user, host: hook.host, ...reason(answer) }, 'A webhook fails')
    else log.info({ user, host: hook.host }, 'A webhook works again')
    hook.failing = failing
  }
  return result
}

function outcome(answer: OutboundAnswer): Attempt {
  if (answer.state === 'answered') return answer.status < 300 ? 'delivered' : 'failed'
  return answer.failure === 'url_refused' || answer.failure === 'address_refused' ? 'refused' : 'failed'
}

const reason = (answer: OutboundAnswer): object =>
  answer.state === 'answered' ? { status: answer.status } : { failure: answer.failure, detail: answer.detail }

/** Tells once, until the queue was empty again, that deliveries are dropped. */
function lossTeller(log: WebhookSettings['log']): (ending: Ending, queued: number) => void {
  let told = false
  return (ending, queued) => {
    if (!told && (ending === 'crowded_out' || ending === 'expired')) {
      told = true
      log.warn({ ending, queued }, 'Webhook deliveries are dropped, the oldest first')
    }
    if (queued === 0) told = false
  }
}
