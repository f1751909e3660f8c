import type { Message } from '../../src/core/message.ts'
import type { Question, Spending } from '../../src/core/ports/agents.ts'
import type { RoomKind } from '../../src/core/room.ts'
import type { AskOptions } from '../../src/core/run.ts'
import type { Summary } from '../../src/core/summary.ts'

/** Who said what, with what is special about the message. */
export type Said = readonly [name: string, body: string, special?: Partial<Message>]

export interface Asking {
  readonly kind?: RoomKind
  readonly name?: string
  readonly said?: readonly Said[]
  readonly options?: AskOptions
  readonly begun?: string
  readonly spending?: () => Promise<Spending>
  readonly summary?: Summary | null
  readonly hasEarlier?: boolean
}

const NOTHING: AskOptions = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

const NOTHING_SPENT: Spending = { person: 0, room: null, guests: null }

/** A question of ann to the assistant. People are told apart by their names. */
export function ask(
  body: string,
  {
    kind = 'conversation',
    name = 'Room',
    said = [],
    options = NOTHING,
    begun,
    spending = async () => NOTHING_SPENT,
    summary = null,
    hasEarlier = false,
  }: Asking = {},
): Question {
  const user = (id: string) => ({ id, name: id })
  const message = (sender: string, text: string, special: object = {}) => ({
    sender,
    body: text,
    kind: 'text',
    deletedAt: null,
    ...special,
  })
  // What no runner looks at is left out.
  return {
    run: { agent: 'assistant', asker: 'ann', options, startedAt: Date.UTC(2026, 0, 1) },
    room: { kind, name },
    asker: user('ann'),
    message: message('ann', body),
    begun: begun ?? null,
    takeAsides: () => [],
    context: said.map(([sender, text, special]) => ({ message: message(sender, text, special), sender: user(sender) })),
    ...{ spending, summary, hasEarlier },
  } as unknown as Question
}
