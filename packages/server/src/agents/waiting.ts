import type { Question } from '../core/ports/agents.ts'
import { isHiddenThere } from './tools/approval.ts'
import type { Performed } from './tools/perform.ts'
import { shownArguments } from './tools/shown-arguments.ts'

export type Waiting = Performed & { readonly state: 'waiting' }

/** What the asker reads where uses of tools wait for them: what would be done, with what, and how to decide. No model's words. */
export const waitingText = (uses: readonly Waiting[], question: Question): string =>
  uses.map(use => textFor(use, question)).join('\n\n')

function textFor({ tool, args, code, expiresAt }: Waiting, question: Question): string {
  const { asker } = question
  const what = isHiddenThere(tool, question)
    ? `It works with what is ${asker.name}'s alone. What it is given is not shown here, but what comes of it is read by everybody in this room.`
    : `It would be given this:\n${fenced(shownArguments(args))}`
  return (
    `The tool \`${tool.name}\` waits for ${asker.name}'s approval. ${what}\n` +
    `Answer \`/approve ${code}\` to let it run, or \`/deny ${code}\`. Valid until ${minuteOf(expiresAt)} UTC.`
  )
}

/** A time as people read it, in UTC. `at`: milliseconds since 1970. */
export const minuteOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** As code that nothing in it can end. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(run => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}json\n${text}\n${fence}`
}
