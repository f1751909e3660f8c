import { Chores } from '../../../src/core/chores.ts'
import { Commits } from '../../../src/core/commits.ts'
import { Directory } from '../../../src/core/directory.ts'
import type { CoreEvent } from '../../../src/core/events.ts'
import type { MessageId, RunId } from '../../../src/core/ids.ts'
import type { AgentEvent, AgentRunner, Question } from '../../../src/core/ports/agents.ts'
import { type Store, StoreFailed } from '../../../src/core/ports/store.ts'
import type { NewMessage, Write } from '../../../src/core/ports/writes.ts'
import type { Room } from '../../../src/core/room.ts'
import type { AskOptions, RunStepContent, RunUsage } from '../../../src/core/run.ts'
import { Runs } from '../../../src/core/runs.ts'
import type { Role, User } from '../../../src/core/user.ts'
import { openMemoryStore } from '../../../src/stores/memory/store.ts'
import { newId, worldOn } from '../../contracts/store-world.ts'
import { testIds, testSettings, until } from '../../world.ts'
import { TestTimers } from './timers.ts'

const options: AskOptions = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

const text = (text: string): RunStepContent => ({ type: 'text', text })

/** An agent that a test leads by the hand, one answer a question. */
export class TestAgent implements AgentRunner {
  readonly asked: { readonly question: Question; readonly signal: AbortSignal; readonly script: Script }[] = []
  /** Whether it says that it always answers alike. */
  repeats = false

  isRepeatable(): boolean {
    return this.repeats
  }

  answer(question: Question, signal: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
    const script = new Script()
    this.asked.push({ question, signal, script })
    return script.play()
  }
}

type Act = { readonly event: AgentEvent } | { readonly isOver: true } | { readonly error: unknown }

/** What an agent does, as a test tells it. */
class Script {
  readonly #acts: Act[] = []
  #wake: () => void = () => undefined
  /** Steps that were taken from it. */
  pulled = 0

  say(...texts: readonly string[]): void {
    for (const one of texts) this.give(text(one))
  }

  give(step: RunStepContent): void {
    this.#act({ event: step })
  }

  tell(event: AgentEvent): void {
    this.#act({ event })
  }

  finish(usage: RunUsage | null = null): void {
    if (usage) this.#act({ event: { type: 'usage', usage } })
    this.#act({ isOver: true })
  }

  fail(error: unknown): void {
    this.#act({ error })
  }

  async *play(): AsyncGenerator<AgentEvent, void, void> {
    for (;;) {
      const act = this.#acts.shift()
      if (!act) await new Promise<void>(resolve => (this.#wake = resolve))
      else if ('error' in act) throw act.error
      else if ('isOver' in act) return
      else {
        if (act.event.type === 'text' || act.event.type === 'tool' || act.event.type === 'switch') this.pulled++
        yield act.event
      }
    }
  }

  #act(act: Act): void {
    this.#acts.push(act)
    this.#wake()
  }
}

/** Chores of which a test can wait for the end. */
class TestChores extends Chores {
  #open = 0

  override start(slice: () => Promise<boolean>): void {
    this.#open++
    super.start(async () => {
      const isMore = await slice().catch(error => {
        this.#open--
        throw error
      })
      if (!isMore) this.#open--
      return isMore
    })
  }

  idle(): Promise<void> {
    return until(() => this.#open === 0)
  }
}

export type Desk = Awaited<ReturnType<typeof openDesk>>

/** A run desk with an asker and an agent, and everything it tells. On a store of its own or on one that another desk left behind. */
export async function openDesk(inner: Store = openMemoryStore(), agent = new TestAgent()) {
  const timers = new TestTimers()
  const events: CoreEvent[] = []
  const faults: unknown[] = []
  const writes: Write[] = []
  /** Decides whether a commit fails. */
  const trouble = { fails: (_: Write): boolean => false }
  const store: Store = {
    ...inner,
    async commit(group) {
      if (group.some(write => trouble.fails(write))) throw new StoreFailed('disk_full')
      writes.push(...group)
      return inner.commit(group)
    },
  }
  const world = worldOn(inner)
  const directory = new Directory(store)
  const emit = (event: CoreEvent) => void events.push(event)
  const onFault = (error: unknown) => void faults.push(error)
  const commits = new Commits(store, () => undefined, onFault)
  const chores = new TestChores(onFault)
  const runs = new Runs({
    ...{ store, directory, emit, onFault, ids: testIds, clock: timers, settings: testSettings, later: timers.later },
    ...{ runner: agent, commits, chores },
  })
  const person = async (name: string, role: Role) => (await store.userByName(name)) ?? world.person(name, { role })
  const [assistant, ann] = [await person('assistant', 'agent'), await person('ann', 'member')]

  /** Stores a message with a run and hands the run to the desk, as a send does. */
  async function ask(over: Partial<NewMessage> = {}, asker: User = ann, via?: string): Promise<RunId> {
    const id = newId<RunId>()
    const run = { id, agent: assistant.id, options }
    const draft = world.draft(asker, { at: timers.now(), run, ...over })
    const appended = await world.write(draft)
    if (appended.state !== 'stored' || !appended.run) throw new Error('no run was stored')
    const message = await world.shown(draft.id)
    const room = (await store.room(draft.room)) as Room // a message was just stored in it
    runs.start({ ...appended.run, at: appended.at, room, agent: assistant, asker, message, via })
    return id
  }

  const script = async (index: number) => {
    await until(() => agent.asked.length > index)
    return agent.asked[index]!
  }
  const over = () => until(() => runs.active === 0)
  const answerOf = async (id: RunId) => {
    const [run] = await store.runs([id])
    const answer = run?.end?.answer as MessageId | null | undefined
    return { run, message: answer ? await store.message(answer) : undefined }
  }
  return {
    /** The store without its trouble. */
    inner,
    ...{ runs, agent, ask, script, over, answerOf, store, world, timers, events, faults, writes, trouble },
    ...{ ann, assistant, directory, commits, chores },
    /** Events as short words. */
    told: () => events.map(word),
  }
}

function word(event: CoreEvent): string {
  switch (event.type) {
    case 'typing.changed':
      return event.isTyping ? 'typing' : 'quiet'
    case 'run.moved':
      return event.steps
        .map(step => (step.type === 'text' ? step.text : `<${'state' in step ? step.state : ''}>`))
        .join('|')
    case 'message.sent':
      return `message: ${event.message.body}`
    default:
      return event.type
  }
}
