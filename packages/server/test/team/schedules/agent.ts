import type { Random } from '../../../../../test/faults/random.ts'
import { seeded } from '../../../../../test/faults/random.ts'
import { type AgentEvent, AgentFailed, type AgentRunner, type Question } from '../../../src/core/ports/agents.ts'

/** More than one socket takes at once. */
const LONG = '漢'.repeat(25_000)
const AGENTS = ['OrchestratorAgent', 'PlotGeneratorAgent', 'CritiqueAgent']

/** Turns of the event loop in which something else may happen. */
export async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise(resolve => setImmediate(resolve))
}

/** A team that says what the number in a question gives: any Unicode, cut anywhere, with switches and tools in between. */
export class ChanceTeam implements AgentRunner {
  /** By question: what the whole answer is, once all of it was given. */
  readonly whole = new Map<string, string>()

  async *answer({ message }: Question): AsyncGenerator<AgentEvent, void, void> {
    const random = seeded(Number(/\d+/.exec(message.body)?.[0]))
    const said = new Said()
    for (const event of eventsOf(random, message.body.includes('long'))) {
      await turns(random.below(4))
      said.hear(event)
      yield event
    }
    if (random.chance(0.1)) throw new AgentFailed('the model is gone')
    this.whole.set(message.body, said.text)
  }
}

/** What is said, as it is to be stored: half a character is a sign for that, unless the next words of the same agent bring the rest. */
class Said {
  #done = ''
  #going = ''
  #by = ''

  get text(): string {
    return this.#done + this.#going.toWellFormed()
  }

  hear(event: AgentEvent): void {
    if (event.type === 'text' && event.by === this.#by) this.#going += event.text
    else {
      this.#done = this.text
      this.#going = event.type === 'text' ? event.text : ''
      this.#by = event.type === 'text' ? (event.by ?? '') : this.#by
    }
  }
}

function* eventsOf(random: Random, isLong: boolean): Generator<AgentEvent> {
  let by = AGENTS[0] ?? ''
  for (let part = 1 + random.below(3), call = 0; part > 0; part--) {
    for (const text of pieces(random, isLong)) yield { type: 'text', text, by }
    if (random.chance(0.3)) yield* useOf(`${++call}`, random)
    if (random.chance(0.5)) continue
    const to = random.pick(AGENTS.filter(name => name !== by))
    yield { type: 'switch', from: by, to, reason: oneOf(random) }
    by = to
  }
}

function* useOf(call: string, random: Random): Generator<AgentEvent> {
  const tool = { type: 'tool', call, name: 'save_plot' } as const
  yield { ...tool, state: 'started', detail: null }
  if (random.chance(0.5)) yield { ...tool, state: 'progress', detail: { progress: random.next() } }
  yield { ...tool, state: random.chance(0.2) ? 'failed' : 'completed', detail: null }
}

/** A text of any characters, and halves of them, cut between any two units of UTF-16. */
function pieces(random: Random, isLong: boolean): readonly string[] {
  const text = Array.from({ length: 1 + random.below(12) }, () => oneOf(random)).join('')
  const found: string[] = []
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random.below(5)
    found.push(text.slice(at, end))
    at = end
  }
  return isLong ? [...found, LONG] : found
}

const RANGES = [0x7f, 0x7ff, 0xffff, 0x10ffff]

/** A character; rarely one that is none. */
const oneOf = (random: Random): string => String.fromCodePoint(1 + random.below(random.pick(RANGES)))
