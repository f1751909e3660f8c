/**
 * What the clients of one siege did and were told. A request is noted when it is about to leave, its success when the
 * answer was read: between the two it may have happened or not, and the checker allows both.
 */
export interface History {
  /** Every text that ever left a client, by its key. */
  readonly sent: Map<string, Sent>
  /** Messages whose storing was acknowledged, by id. */
  readonly messages: Map<string, AckedMessage>
  /** Marks by name of the reader. */
  readonly marks: Map<string, Marks>
  /** Accounts whose making was acknowledged, by name. */
  readonly accounts: Map<string, Account>
}

export interface Sent {
  readonly sender: string
  /** The recipient's name; null for the room. */
  readonly to: string | null
  readonly body: string
}

export interface AckedMessage extends Sent {
  readonly id: string
  /** The text it has to have: the first one, or that of the last acknowledged edit. */
  text: string
  /** Texts of later edits without an answer. */
  readonly unansweredEdits: string[]
  deletion: 'none' | 'asked' | 'acknowledged'
}

export interface Marks {
  /** Whether the reader ever asked to mark more than single messages: then anything may be read. */
  bulk: boolean
  readonly asked: Set<string>
  readonly acknowledged: Set<string>
}

export interface Account {
  readonly id: string
  /** The key that has to work; null when a change of it got no answer. */
  key: string | null
  /** Keys that must not work any more. */
  readonly dead: string[]
}

/** What one connection was shown, in order. */
export interface Life {
  readonly user: string
  /** Ids of the messages pushed to it. */
  readonly shown: string[]
  /** The close code, once it is over. */
  closed?: number
}

export const newHistory = (): History => ({
  sent: new Map(),
  messages: new Map(),
  marks: new Map(),
  accounts: new Map(),
})

/** Texts begin with a word that no other text has; edits keep it. */
export const keyOf = (body: string): string => body.split(' ', 1)[0] ?? ''

/** Notes that a message is about to leave. */
export function noteSending(history: History, sent: Sent): void {
  history.sent.set(keyOf(sent.body), sent)
}

/** Notes that the server said it stored the text under `id`. */
export function noteStored(history: History, id: string, body: string): void {
  const sent = history.sent.get(keyOf(body))
  if (!sent) throw new Error(`the server acknowledged a text that nobody sent: ${body.slice(0, 100)}`)
  history.messages.set(id, { ...sent, id, text: sent.body, unansweredEdits: [], deletion: 'none' })
}

/** The marks of a reader. */
export function marksOf(history: History, reader: string): Marks {
  const marks = history.marks.get(reader) ?? { bulk: false, asked: new Set(), acknowledged: new Set() }
  history.marks.set(reader, marks)
  return marks
}
