import type { AgentEvent } from '../core/ports/agents.ts'
import { type Budgets, exceeded, usedUp } from './budgets.ts'
import { performAll, resultOf } from './calls.ts'
import { type AttemptPorts, firstAnswer } from './models/attempts.ts'
import { ModelFault } from './models/fault.ts'
import type { CalledTurn, FinishReason, Model, ModelEvent, ModelRequest, OfferedTool, Turn } from './models/model.ts'
import {
  type Beside,
  TOKEN_BYTES,
  type TokenRoom,
  tokensOfAnswer,
  tokensOfRequest,
  tokensOfTools,
  tokensOfTurns,
} from './prompt.ts'
import type { PerformPorts, Place } from './tools/perform.ts'
import type { Tool } from './tools/tool.ts'
import type { Tally } from './usage.ts'
import { waitingText } from './waiting.ts'

/** What is to be answered, with what. */
export interface Task extends Place {
  /** Asked in this order until one answers, which then stays. Never empty. */
  readonly models: readonly Model[]
  /** What a model with that many tokens is asked. */
  requestFor(room: TokenRoom, beside: Beside): ModelRequest
  /** What comes behind the question before anything was answered. */
  readonly after: readonly Turn[]
  readonly tally: Tally
  /** Whether somebody else goes on after the calls of a round. */
  isHandedOn?(): boolean
}

export interface RoundPorts extends AttemptPorts, PerformPorts {
  readonly limits: Limits
  readonly budgets: Budgets
}

export interface Limits {
  /** Rounds of calls in one answer, and calls of one round that are carried out. */
  readonly rounds: number
  readonly calls: number
}

/** What people read at the end of an answer that is not whole. */
const NOTES: Readonly<Record<FinishReason, string>> = {
  stop: '',
  length: '[The answer ends here because it reached its longest allowed length.]',
  filtered: "[The rest of the answer was held back by the language model's content filter.]",
}

/** Tokens of an answer after which is told anew what it takes. */
const TELL_TOKENS = 500
/** Fewest bytes that a model gets of a result. */
const RESULT_MIN = 300

/**
 * Lets a model answer and use tools, round by round, until it has nothing more to use, something waits for the asker, or a limit
 * is reached. Throws ModelFault where no model answers, AgentFailed where a budget is used up, or the signal's reason.
 */
export async function* answerInRounds(
  task: Task,
  signal: AbortSignal,
  ports: RoundPorts,
): AsyncGenerator<AgentEvent, void, void> {
  yield* new Rounds(task, signal, ports).all()
}

/** What one request came to. */
interface Answered {
  readonly model: Model
  readonly finish: ModelEvent & { readonly type: 'finish' }
  readonly text: string
}

class Rounds {
  readonly #task: Task
  readonly #signal: AbortSignal
  readonly #ports: RoundPorts
  #models: readonly Model[]
  /** What came after the question so far. */
  #after: readonly Turn[]
  /** The end of the text so far, and whether what comes next is another part of it. */
  #last = ''
  #isNewPart = false

  constructor(task: Task, signal: AbortSignal, ports: RoundPorts) {
    this.#task = task
    this.#signal = signal
    this.#ports = ports
    this.#models = task.models
    this.#after = task.after
  }

  async *all(): AsyncGenerator<AgentEvent, void, void> {
    const { rounds } = this.#ports.limits
    for (let round = 0; ; round++) {
      this.#hearAsides('')
      yield* this.#keepToBudget()
      const { model, finish, text } = yield* this.#ask()
      this.#isNewPart = true
      if (finish.reason === 'stop' && round < rounds && this.#hearAsides(text)) continue
      if (finish.reason !== 'tools') return yield* this.#say(NOTES[finish.reason])
      if (round === rounds)
        return yield* this.#say(`[The answer ends here: more than ${rounds} rounds of tool calls are not allowed.]`)
      if (yield* this.#use(finish.turn, model)) return
      if (this.#task.isHandedOn?.()) return
      this.#models = [model]
    }
  }

  /** What was said while it answered comes behind what it said last. Whether there is something. */
  #hearAsides(said: string): boolean {
    const asides = this.#task.question.takeAsides().map((text): Turn => ({ role: 'user', text }))
    if (asides.length === 0) return false
    this.#after = [...this.#after, ...(said === '' ? [] : [{ role: 'assistant', text: said } as const]), ...asides]
    return true
  }

  /** Charges the next request and looks whether that is allowed. Where it is not, models that cost nothing take over. */
  async *#keepToBudget(): AsyncGenerator<AgentEvent, void, void> {
    const paid = this.#models.find(({ isFree }) => !isFree)
    if (!paid) return
    const { question, models, tally } = this.#task
    yield* this.#tell(await this.#takingBy(paid))
    const over = exceeded(this.#ports.budgets, await question.spending())
    if (over === null) return
    yield { type: 'usage', usage: tally.usage }
    this.#models = models.filter(({ isFree }) => isFree)
    if (this.#models.length === 0) throw usedUp(over)
  }

  /** One request, told as it is answered. One that no provider worked on takes nothing. */
  async *#ask(): AsyncGenerator<AgentEvent, Answered, void> {
    const [first] = this.#models
    if (first) yield* this.#tell(await this.#takingBy(first))
    const heard = { any: false }
    try {
      return yield* this.#listen(heard)
    } catch (error) {
      const isUnpaid = error instanceof ModelFault && !error.mayCost && !heard.any
      if (isUnpaid) yield { type: 'usage', usage: this.#task.tally.usage }
      throw error
    }
  }

  async *#listen(heard: { any: boolean }): AsyncGenerator<AgentEvent, Answered, void> {
    const { tally } = this.#task
    let taking: Taking | null = null
    let text = ''
    for await (const { model, event } of firstAnswer(
      this.#models,
      model => this.#requestFor(model),
      this.#signal,
      this.#ports,
    )) {
      heard.any = true
      if (taking?.model !== model) {
        taking = await this.#takingBy(model)
        yield* this.#tell(taking)
      }
      if (event.type === 'finish') {
        await tally.add(model, event.usage, taking)
        yield { type: 'usage', usage: tally.usage }
        return { model, finish: event, text }
      }
      text += event.text
      yield* this.#say(event.text)
      if (taking.hear(event.text)) yield* this.#tell(taking)
    }
    throw new ModelFault('broken')
  }

  /** Performs the calls of a round. Whether the answer is over with that. */
  async *#use(turn: CalledTurn, model: Model): AsyncGenerator<AgentEvent, boolean, void> {
    const { limits } = this.#ports
    const { details } = this.#task
    const calls = turn.calls.slice(0, limits.calls).map(({ name, args }) => ({ id: details.newCall(), name, args }))
    const performed = yield* performAll(calls, this.#task, this.#signal, this.#ports)
    const waiting = performed.filter(one => one.state === 'waiting')
    if (waiting.length > 0) {
      yield* this.#say(waitingText(waiting, this.#task.question))
      return true
    }
    const bytes = await this.#bytesOfResult(model, turn)
    const results = turn.calls.map((call, at) => resultOf(call, performed[at] ?? tooMany(limits), bytes))
    this.#after = [...this.#after, turn, { role: 'results', results }]
    return false
  }

  async #requestFor(model: Model): Promise<ModelRequest> {
    const room = await roomOf(model)
    return this.#task.requestFor(room, { tools: offered(this.#task.tools, room), after: this.#after })
  }

  async #takingBy(model: Model): Promise<Taking> {
    return new Taking(model, tokensOfRequest(await this.#requestFor(model)))
  }

  /** What a model may get of one result, so that further rounds have room as well. */
  async #bytesOfResult(model: Model, turn: CalledTurn): Promise<number> {
    const room = await roomOf(model)
    const taken = tokensOfTools(offered(this.#task.tools, room)) + tokensOfTurns([...this.#after, turn])
    const left = room.window - taken - tokensOfAnswer(this.#task.question, room)
    const share = Math.min(room.window / 4, left / 2) / turn.calls.length
    return Math.max(RESULT_MIN, Math.floor(share * TOKEN_BYTES))
  }

  /** Tells what the answer took and is taking, so that it counts however it ends. */
  async *#tell(taking: Taking): AsyncGenerator<AgentEvent, void, void> {
    yield { type: 'usage', usage: await this.#task.tally.with(taking.model, taking) }
  }

  *#say(text: string): Generator<AgentEvent, void, void> {
    if (text === '') return
    const isApart = this.#isNewPart && this.#last !== '' && this.#last !== '\n'
    this.#isNewPart = false
    this.#last = text.slice(-1)
    yield { type: 'text', text: isApart ? `\n\n${text}` : text }
  }
}

/** What a request takes while it is answered, by our count. */
class Taking {
  readonly model: Model
  readonly input: number
  #bytes = 0
  #told = 0

  constructor(model: Model, input: number) {
    this.model = model
    this.input = input
  }

  get output(): number {
    return Math.ceil(this.#bytes / TOKEN_BYTES)
  }

  /** Counts text. Whether it is time to tell of it. */
  hear(text: string): boolean {
    this.#bytes += Buffer.byteLength(text)
    if (this.output - this.#told < TELL_TOKENS) return false
    this.#told = this.output
    return true
  }
}

const roomOf = async (model: Model): Promise<TokenRoom> => ({
  window: await model.window(),
  maxTokens: model.maxTokens,
})

/** The tools that a model is told of: as many as leave room for what is said. */
function offered(tools: ReadonlyMap<string, Tool>, { window }: TokenRoom): readonly OfferedTool[] {
  const all: OfferedTool[] = []
  let left = window / 3
  for (const { name, description, parameters } of tools.values()) {
    const tool = { name, description, parameters }
    const tokens = tokensOfTools([tool])
    if (tokens > left) continue
    left -= tokens
    all.push(tool)
  }
  return all
}

const tooMany = ({ calls }: Limits) =>
  ({
    state: 'failed',
    error: `Too many calls at once: only ${calls} are carried out`,
    why: null,
    status: null,
  }) as const
