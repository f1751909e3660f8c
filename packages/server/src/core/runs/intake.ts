import type { RunStepContent } from '../run.ts'

/** Longest text of an answer, and most JSON of its other steps, in UTF-16 units. */
export const ANSWER_MAX = 200_000
const DETAILS_MAX = 1_000_000

/** Half of a surrogate pair at the end, of which the next text may bring the other half. */
const OPEN_PAIR = /[\ud800-\udbff]$/

/**
 * Makes steps of an agent storable: text becomes well-formed, also where a character is cut between two steps, and details
 * become plain JSON. Watches how much it is.
 */
export class Intake {
  #text = 0
  #details = 0
  /** Held back until its other half is here. */
  #half = ''
  #isFull = false

  /** Whether the agent gave more than an answer holds. What was too much is left out. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** The steps to store for one that the agent gave. Throws TypeError for one that is no agent's to give, or no JSON. */
  take(step: RunStepContent): readonly RunStepContent[] {
    switch (step.type) {
      case 'text':
        return this.#takeText(step.text)
      case 'switch': {
        const { from, to, reason } = step
        return this.#other({
          type: 'switch',
          from: from.toWellFormed(),
          to: to.toWellFormed(),
          reason: reason.toWellFormed(),
        })
      }
      case 'tool': {
        const { type, call, name, state, detail } = step
        return this.#other({
          ...{ type, call: call.toWellFormed(), name: name.toWellFormed(), state },
          detail: JSON.parse(JSON.stringify(detail ?? null)),
        })
      }
      case 'end':
        throw new TypeError('Runs are ended by the core, not by their agent')
      default:
        return step satisfies never
    }
  }

  /** What is still held back, to be stored before anything that is no text. */
  rest(): readonly RunStepContent[] {
    const half = this.#half
    this.#half = ''
    return this.#counted(half)
  }

  #takeText(added: string): readonly RunStepContent[] {
    const text = this.#half + added
    this.#half = OPEN_PAIR.exec(text)?.[0] ?? ''
    return this.#counted(text.slice(0, text.length - this.#half.length))
  }

  #counted(text: string): readonly RunStepContent[] {
    const left = ANSWER_MAX - this.#text
    const kept = text.length > left ? text.slice(0, left).replace(OPEN_PAIR, '') : text
    this.#text += text.length
    this.#isFull ||= this.#text > ANSWER_MAX
    return kept === '' ? [] : [{ type: 'text', text: kept.toWellFormed() }]
  }

  #other(step: RunStepContent): readonly RunStepContent[] {
    this.#details += JSON.stringify(step).length
    this.#isFull ||= this.#details > DETAILS_MAX
    return this.#isFull ? this.rest() : [...this.rest(), step]
  }
}
