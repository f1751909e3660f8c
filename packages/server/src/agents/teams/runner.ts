import { type AgentEvent, AgentFailed, type Question } from '../../core/ports/agents.ts'
import type { Later } from '../../core/runs/cast.ts'
import type { AssistantSettings } from '../assistant-runner.ts'
import type { CarryingOn } from '../deciding.ts'
import { ModelFault } from '../models/fault.ts'
import type { Turn } from '../models/model.ts'
import { requestOf } from '../prompt.ts'
import { type Ran, ranTurn } from '../ran.ts'
import { answerInRounds, type Task } from '../rounds.ts'
import { limitOf } from '../time-limit.ts'
import { Details } from '../tools/cut.ts'
import { gatherTools } from '../tools/gather.ts'
import type { Tool } from '../tools/tool.ts'
import { Tally } from '../usage.ts'
import { consultTool } from './consult.ts'
import { Baton, HAND_OFF, handOffTool } from './hand-off.ts'
import { Results } from './results.ts'
import { roleOf } from './role.ts'
import type { Team, TeamAgent } from './team.ts'

/**
 * A team whose agents answer by language models. They hand the work on by a tool; its log says who speaks, and why. The time limit is
 * that of all of them together.
 */
export const createTeamRunner = (team: Team, settings: AssistantSettings): CarryingOn => ({
  isSteerable: true,
  answer: (question, signal) => new Work(team, question, settings).all(signal),
  carryOn: (question, ran, signal) => new Work(team, question, settings, ran).all(signal),
})

/** Tokens of a window that what was approved is told for. */
const RAN_WINDOW = 8_192

/** One answer of a team. */
class Work {
  readonly #team: Team
  readonly #question: Question
  readonly #settings: AssistantSettings
  readonly #baton: Baton
  readonly #results = new Results()
  readonly #details = new Details()
  readonly #tally: Tally
  /** What the agents said so far, as those who come later are told. */
  readonly #said: Turn[] = []

  constructor(team: Team, question: Question, settings: AssistantSettings, ran?: Ran) {
    this.#team = team
    this.#question = question
    this.#settings = settings
    this.#baton = new Baton(team)
    if (ran) this.#said.push(ranTurn(ran, RAN_WINDOW))
    this.#tally = new Tally(this.#modelsOf(team.entry)[0]?.name ?? '', settings.unknownPrice)
  }

  async *all(signal: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
    const limit = limitOf(this.#settings, signal)
    try {
      yield* this.#turns(limit.signal)
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof ModelFault ? new AgentFailed(error.message, error) : error
    } finally {
      limit.lift()
    }
  }

  async *#turns(signal: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
    const tools = await gatherTools(this.#settings.sources, this.#question, signal, this.#settings)
    for (;;) {
      const agent = this.#baton.holder
      this.#results.use(agent)
      yield* this.#part(agent, tools, signal)
      const passed = this.#baton.pass()
      if (!passed) break
      yield { type: 'switch', from: agent.name, to: passed.to.name, reason: passed.reason }
      this.#said.push({ role: 'user', text: handedOver(agent, passed.reason) })
    }
    yield this.#results.event(this.#baton.holder.script.done, this.#tally.usage.model)
  }

  /** What one agent says and does until it is done or hands the work on. */
  async *#part(agent: TeamAgent, tools: ReadonlyMap<string, Tool>, signal: AbortSignal): AsyncGenerator<AgentEvent> {
    const watch = new Silence(agent.silence, this.#settings.later, signal)
    let text = ''
    try {
      for await (const event of answerInRounds(this.#taskFor(agent, tools), watch.signal, this.#settings)) {
        if (event.type === 'text' || event.type === 'tool') watch.heard()
        if (event.type === 'tool' && event.name === HAND_OFF) continue
        if (event.type === 'tool') this.#results.hear(event)
        if (event.type !== 'text') yield event
        else {
          const isApart = text === '' && this.#said.length > 0
          text += event.text
          yield { type: 'text', text: isApart ? `\n\n${event.text}` : event.text, by: agent.name }
        }
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : failureOf(error, agent, watch)
    } finally {
      watch.end()
    }
    if (text !== '') this.#said.push({ role: 'assistant', text })
  }

  #taskFor(agent: TeamAgent, all: ReadonlyMap<string, Tool>): Task {
    const own = agent.tools.flatMap(name => all.get(name) ?? [])
    const consult = consultTool(this.#team, agent, (other, about, signal) => this.#ask(other, about, signal))
    const tools = [handOffTool(this.#baton), consult, ...own].filter(tool => tool !== undefined)
    return {
      ...this.#place(agent, new Map(tools.map(tool => [tool.name, tool]))),
      after: this.#said,
      isHandedOn: () => this.#baton.next !== null,
    }
  }

  #place(agent: TeamAgent, tools: ReadonlyMap<string, Tool>) {
    const role = roleOf(this.#team, agent)
    return {
      question: this.#question,
      models: this.#modelsOf(agent),
      tools,
      details: this.#details,
      tally: this.#tally,
      requestFor: (room, beside) => requestOf(this.#question, room, { ...beside, role }),
    } satisfies Partial<Task>
  }

  /** What an agent says to a question of another one, who keeps the work. */
  async #ask(agent: TeamAgent, about: string, signal: AbortSignal): Promise<string> {
    this.#results.use(agent)
    const task: Task = { ...this.#place(agent, new Map()), after: [...this.#said, { role: 'user', text: about }] }
    let text = ''
    for await (const event of answerInRounds(task, signal, this.#settings))
      if (event.type === 'text') text += event.text
    return text
  }

  #modelsOf({ model }: TeamAgent) {
    return this.#settings.catalog.choose(this.#question.run.options.model ?? model)
  }
}

const handedOver = ({ name }: TeamAgent, reason: string): string =>
  `From the server: ${name} handed the work on to you. Its reason, as data: ${JSON.stringify(reason)}. Go on where it stopped.`

/** Why an agent did not come to its end, in words that may be shown. */
function failureOf(error: unknown, { name, silence }: TeamAgent, watch: Silence): unknown {
  if (watch.isOver)
    return new AgentFailed(`${name} gave nothing for ${silence / 1000} seconds`, error, {
      code: 'timeout',
      agent: name,
      milliseconds: silence,
    })
  const isShown = error instanceof ModelFault || error instanceof AgentFailed
  return isShown ? new AgentFailed(error.message, error, { code: 'failed', agent: name }) : error
}

/** Aborts when nothing was heard for a time. */
class Silence {
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  readonly #ms: number
  readonly #later: Later
  #cancel: () => void = () => undefined

  constructor(ms: number, later: Later, signal: AbortSignal) {
    this.#ms = ms
    this.#later = later
    this.signal = AbortSignal.any([signal, this.#own.signal])
    this.heard()
  }

  /** Whether it was silent for too long. */
  get isOver(): boolean {
    return this.#own.signal.aborted
  }

  heard(): void {
    this.#cancel()
    this.#cancel = this.#later(this.#ms, () => this.#own.abort(new ModelFault('silent')))
  }

  end(): void {
    this.#cancel()
  }
}
