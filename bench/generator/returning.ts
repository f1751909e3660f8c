import { numberIn, textIn } from './content.ts'
import type { DialectName, Greeting } from './dialects.ts'

/** What a client remembers to come back with. */
export interface Memory {
  /** Notes what a frame says about where the client is, of those before the greeting too. */
  note(payload: Buffer): void
  /** What it says and waits for when it comes back; undefined as long as it knows nothing. */
  greeting(): Greeting | undefined
}

/** Level 2: the last place in the log of its room. The answer comes after everything that was missed. */
function level2Memory(): Memory {
  let room: string | undefined
  let seq = 0
  return {
    note(payload) {
      const at = numberIn(payload, '"seq":')
      if (!payload.includes('{"type":"chat"') || Number.isNaN(at)) return
      room = textIn(payload, '"room":"')
      seq = at
    },
    greeting: () =>
      room === undefined
        ? undefined
        : { say: JSON.stringify({ type: 'resume', data: { rooms: [{ room, seq }] } }), expect: '{"type":"resumed"' },
  }
}

/** Socket.IO's connection state recovery: a private session id, and the offset behind the newest event. What was missed comes after the answer. */
function socketIoMemory(): Memory {
  let pid: string | undefined
  let offset: string | undefined
  return {
    note(payload) {
      const text = payload.toString()
      if (text.startsWith('40{')) pid = textIn(payload, '"pid":"')
      const found = /,"([^"]+)"\]$/.exec(text)?.[1]
      if (text.startsWith('42["message",{') && found !== undefined) offset = found
    },
    greeting: () =>
      pid === undefined || offset === undefined
        ? undefined
        : { say: `40${JSON.stringify({ pid, offset })}`, expect: '40' },
  }
}

/** How clients of a server come back to where they were; servers that don't know that are not here. */
export const memories: Partial<Record<DialectName, () => Memory>> = {
  'rooms-2': level2Memory,
  'socket-io': socketIoMemory,
}
