import type { ToolCall, ToolResult } from '@parley/protocol/assistant/down'
import { TOOLS_MAX_BYTES } from '@parley/protocol/assistant/limits'
import type { RunStep } from '../../core/run.ts'

/** What an answer used of tools, as this protocol shows it. */
export interface Tools {
  readonly rounds: readonly Round[]
  /** Calls that wait for their asker's word. */
  readonly waiting: readonly ToolCall[]
}

export interface Round {
  readonly calls: readonly ToolCall[]
  readonly results: readonly ToolResult[]
}

/** Characters of what is too large that are shown. */
const PREVIEW = 1_000

/** What the tools of one frame may take, so that no frame grows beyond what clients read. */
export class Space {
  #left = TOOLS_MAX_BYTES

  /** The value, or what it begins with where it is too large for what is left. */
  fit(value: unknown): unknown {
    const text = JSON.stringify(value ?? null)
    const bytes = Buffer.byteLength(text)
    if (bytes <= this.#left) {
      this.#left -= bytes
      return value
    }
    return { truncated: true, bytes, preview: text.slice(0, PREVIEW).toWellFormed() }
  }
}

/** One use of a tool, as far as it got. */
interface Use {
  readonly id: string
  readonly name: string
  readonly round: number
  readonly given: unknown
  state: 'open' | 'waiting' | 'completed' | 'failed'
  outcome: unknown
}

/** Follows what a run tells of tools. A round is over when every call of it has a result; one that waits ends the run. */
export class Used {
  readonly #uses: Use[] = []
  #rounds = 0

  /** Answers whether a new round begins with the step. */
  take(step: RunStep & { readonly type: 'tool' }): boolean {
    const { call: id, name, state, detail } = step
    const open = this.#uses.findLast(use => use.id === id && use.state === 'open')
    if (open) {
      if (state === 'started' || state === 'progress') return false
      open.state = state
      open.outcome = detail
      return false
    }
    if (state === 'progress') return false
    const isFirst = this.#uses.every(use => use.state === 'completed' || use.state === 'failed')
    if (isFirst) this.#rounds++
    const begun = state === 'started' ? 'open' : state
    // Of one that was never seen to start nobody knows what it was given.
    const given = state === 'started' || state === 'waiting' ? argumentsIn(detail) : null
    this.#uses.push({ id, name, round: this.#rounds, given, state: begun, outcome: detail })
    return isFirst
  }

  shown(space = new Space()): Tools {
    const callOf = ({ id, name, given }: Use): ToolCall => ({ id, name, arguments: asObject(space.fit(given)) })
    const rounds = Array.from({ length: this.#rounds }, (_, index): Round => {
      const uses = this.#uses.filter(({ round }) => round === index + 1)
      return { calls: uses.map(callOf), results: uses.flatMap(use => resultOf(use, space)) }
    })
    return { rounds, waiting: this.#uses.filter(({ state }) => state === 'waiting').map(callOf) }
  }
}

export function toolsOf(steps: readonly RunStep[], space: Space): Tools {
  const used = new Used()
  for (const step of steps) if (step.type === 'tool') used.take(step)
  return used.shown(space)
}

function resultOf({ id, name, state, outcome }: Use, space: Space): readonly ToolResult[] {
  switch (state) {
    case 'completed':
      return [{ tool_call_id: id, name, result: space.fit(outcome) }]
    case 'failed':
      return [{ tool_call_id: id, name, error: errorOf(outcome) }]
    case 'open':
    case 'waiting':
      return []
    default:
      return state satisfies never
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a long one only a note of it is kept, in place of the whole. */
const argumentsIn = (detail: unknown): unknown =>
  isObject(detail) && 'arguments' in detail ? detail.arguments : detail

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})

/** In words: a failed tool says why, alone or beside more. */
function errorOf(detail: unknown): string {
  const said = isObject(detail) ? detail.error : detail
  return typeof said === 'string' ? said : 'The tool failed'
}
