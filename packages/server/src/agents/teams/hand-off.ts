import { type Json, type JsonObject, type Tool, ToolFailed } from '../tools/tool.ts'
import type { Team, TeamAgent } from './team.ts'

/** What the tool is called by which an agent hands the work on. */
export const HAND_OFF = 'hand_off'
/** Longest reason that people are shown, in UTF-16 units. */
const REASON_MAX = 300

/** Whom an agent gave the work to. */
export interface HandedOff {
  readonly to: TeamAgent
  readonly reason: string
}

/** The way of the work through a team, in one answer. */
export class Baton {
  readonly #team: Team
  readonly #visits = new Map<TeamAgent, number>()
  #holder: TeamAgent
  #switches = 0
  #next: HandedOff | null = null

  constructor(team: Team) {
    this.#team = team
    this.#holder = team.entry
    this.#visits.set(team.entry, 1)
  }

  get holder(): TeamAgent {
    return this.#holder
  }

  /** Whom the holder wants to give it to. */
  get next(): HandedOff | null {
    return this.#next
  }

  /** Whom the holder may give it to now: nobody has it too often, and it does not go around for ever. */
  get mayNext(): readonly TeamAgent[] {
    const { limits, agents } = this.#team
    if (this.#switches >= limits.switches) return []
    const named = this.#holder.handsOffTo.flatMap(key => agents.get(key) ?? [])
    return named.filter(agent => (this.#visits.get(agent) ?? 0) < limits.visits)
  }

  /** Wants to give it to `key`. The first wish of a holder counts. Throws ToolFailed where it may not. */
  want(key: string, reason: string): HandedOff {
    const to = this.mayNext.find(agent => agent.key === key)
    if (!to) throw new ToolFailed(`${key} can't be given the work now`)
    this.#next ??= { to, reason: reason.trim().slice(0, REASON_MAX).toWellFormed() || to.description }
    return this.#next
  }

  /** The work goes where it is wanted. Answers who has it now, and undefined where nobody is wanted. */
  pass(): (HandedOff & { readonly from: TeamAgent }) | undefined {
    const passed = this.#next && { ...this.#next, from: this.#holder }
    if (!passed) return undefined
    this.#next = null
    this.#switches++
    this.#holder = passed.to
    this.#visits.set(passed.to, (this.#visits.get(passed.to) ?? 0) + 1)
    return passed
  }
}

/** The tool by which the holder hands the work on; undefined where there is nobody to hand it to. */
export function handOffTool(baton: Baton): Tool | undefined {
  const who = baton.mayNext
  if (who.length === 0) return undefined
  return {
    name: HAND_OFF,
    description:
      'Hands the work on to another agent of the team, who goes on in your place at once. ' +
      who.map(({ key, description }) => `${key}: ${description}`).join(' '),
    parameters: {
      type: 'object',
      properties: {
        to: { type: 'string', enum: who.map(({ key }) => key) },
        reason: { type: 'string', description: 'Shown to people: why, in one short sentence.', maxLength: REASON_MAX },
      },
      required: ['to', 'reason'],
      additionalProperties: false,
    },
    effect: 'read',
    isPersonal: false,
    timeLimit: 1_000,
    run: async (args: JsonObject): Promise<Json> => {
      // The schema has both as texts.
      const { to } = baton.want(String(args.to), String(args.reason))
      return { handed_off_to: to.key }
    },
  }
}
