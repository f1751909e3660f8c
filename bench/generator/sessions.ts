import { type Connection, dial } from './dial.ts'
import { textFrame } from './frames.ts'

/** Sessions of the agents protocol, of people who have an account. `target` is how they connect to rooms. */
export const sessionTarget = (target: string, session: string): string => target.replace(/^[^?]*\?/, `/ws/${session}?`)

export const SESSION_GREETING = { say: undefined, expect: '{"type":"connection_established"' }

export const sessionQuestion = (content: string) => ({ type: 'message', content })

/** A client of a session. `hear` gets every frame, which is only valid during the call. */
export async function openSession(
  { port, target, session }: { readonly port: number; readonly target: string; readonly session: string },
  hear: (payload: Buffer) => void,
  closed: (reason: string) => void,
) {
  const connection: Connection = await dial(
    { port, target: sessionTarget(target, session), dialect: { greeting: SESSION_GREETING } },
    { countAbove: Number.POSITIVE_INFINITY, text: hear, read: () => undefined, closed },
  )
  return {
    say: (frame: object): void => connection.send(textFrame(JSON.stringify(frame))),
    leave: connection.destroy,
  }
}
