import type { History, Life } from '../history.ts'
import type { Random } from '../random.ts'

export interface Member {
  readonly name: string
  readonly id: string
  readonly key: string
}

/** What an actor has to work with. */
export interface Stage {
  readonly history: History
  readonly random: Random
}

/** Somebody who does something as long as the server is there, over any number of its lives. */
export interface Actor {
  /** Connects to the server that just came up, and does nothing yet. */
  enter(url: string): Promise<Acting>
}

export interface Acting {
  /** What its connection was shown; undefined for somebody without one. */
  readonly life?: Life
  /** Works until the server is gone. Never rejects for that. */
  work(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** A request over HTTP. Rejects when no answer came. */
export async function ask(
  url: string,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  key?: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { 'Content-Type': 'application/json', ...(key !== undefined && { 'X-API-Key': key }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** Repeats `turn` until it says that it is enough or the server is gone. */
export async function untilGone(turn: () => Promise<'more' | 'enough'>): Promise<void> {
  try {
    while ((await turn()) === 'more');
  } catch (error) {
    // What fetch rejects with when the connection breaks; anything else is a fault of ours.
    if (!(error instanceof TypeError)) throw error
  }
}
