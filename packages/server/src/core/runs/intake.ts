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
  /** Held back until its other half is here; where the text is wanted whole, all of it until the end. */
  #held = ''
  #by: string | undefined
  #chunks = 0
  #isFull = false
  readonly #isWhole: boolean

  constructor(isWhole = false) {
    this.#isWhole = isWhole
  }

  /** Whether the agent gave more than an answer holds. What was too much is left out. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** The agent of a team that spoke last. */
  get speaker(): string | null {
    return this.#by ?? null
  }

  /** The steps to store for one that the agent gave. Throws TypeError for one that is no agent's to give, or no JSON. */
  take(step: RunStepContent): readonly RunStepContent[] {
    switch (step.type) {
      case 'text':
        return this.#takeText(step)
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
          detail: plainJson(detail ?? null),
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
    const held = this.#held
    this.#held = ''
    return this.#counted(held)
  }

  #takeText({ text: added, by }: RunStepContent & { type: 'text' }): readonly RunStepContent[] {
    // Half a character is nothing that anybody says.
    const cut = by === this.#by ? [] : this.#before()
    this.#by = by
    const text = this.#held + added
    this.#isFull ||= text.length > ANSWER_MAX
    this.#held = this.#isWhole ? text : (OPEN_PAIR.exec(text)?.[0] ?? '')
    return [...cut, ...this.#counted(text.slice(0, text.length - this.#held.length))]
  }

  /** What has to be told before something else. */
  #before(): readonly RunStepContent[] {
    return this.#isWhole ? [] : this.rest()
  }

  #counted(text: string): readonly RunStepContent[] {
    const left = ANSWER_MAX - this.#text
    const kept = text.length > left ? text.slice(0, left).replace(OPEN_PAIR, '') : text
    this.#text += text.length
    this.#isFull ||= this.#text > ANSWER_MAX
    return kept === '' ? [] : [{ type: 'text', text: kept.toWellFormed(), ...this.#place() }]
  }

  /** Of an agent of a team the texts are numbered. */
  #place() {
    return this.#by === undefined ? {} : { by: this.#by.toWellFormed(), chunk: ++this.#chunks }
  }

  #other(step: RunStepContent): readonly RunStepContent[] {
    this.#details += JSON.stringify(step).length
    this.#isFull ||= this.#details > DETAILS_MAX
    return this.#isFull ? this.#before() : [...this.#before(), step]
  }
}

/** A copy without anything that JSON does not have. Throws TypeError for what has no JSON. */
export const plainJson = <T>(value: T): T => JSON.parse(JSON.stringify(value))
