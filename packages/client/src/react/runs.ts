import type { Run, RunInfo, RunStep } from '../chat/index.ts'
import { useStore } from './store.ts'

type ToolStep = Extract<RunStep, { type: 'tool' }>

/** A tool that an agent used, as it is now. */
export type RunTool = Pick<ToolStep, 'call' | 'name' | 'state' | 'detail'>

/** What is shown of an answer. Another object whenever something changed, and the same one until then. */
export interface RunView {
  readonly state: RunInfo['state']
  /** The text so far. */
  readonly text: string
  /** Who speaks. */
  readonly agent: string | undefined
  readonly tools: readonly RunTool[]
  /** What it took, and why it failed. */
  readonly info: RunInfo | undefined
}

const WAITING: RunView = { state: 'running', text: '', agent: undefined, tools: [], info: undefined }

/** An answer being produced, or produced, from its first step on. */
export function useRun(run: Run): RunView {
  const { subscribe, read } = readerOf(run)
  return useStore({ subscribe, read, server: WAITING })
}

/** Reads a run's steps for as long as somebody looks. */
class Reader {
  readonly #run: Run
  readonly #listeners = new Set<() => void>()
  #isReading = false
  #speaker: string | undefined
  #tools: readonly RunTool[] = []
  #view: RunView

  constructor(run: Run) {
    this.#run = run
    this.#view = this.#look()
    const changed = () => this.#show()
    run.done.then(changed, changed)
  }

  readonly read = (): RunView => this.#view

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener()
    this.#listeners.add(own)
    if (!this.#isReading) void this.#follow()
    return () => void this.#listeners.delete(own)
  }

  async #follow(): Promise<void> {
    this.#isReading = true
    this.#tools = []
    try {
      for await (const step of this.#run) {
        if (this.#listeners.size === 0) break
        this.#take(step)
      }
    } catch {
      // The rest can't be learned; `info` is what is known.
    } finally {
      this.#isReading = false
    }
  }

  #take(step: RunStep): void {
    switch (step.type) {
      case 'switch':
        this.#speaker = step.to
        break
      case 'tool': {
        const { call, name, state, detail } = step
        const at = this.#tools.findIndex(known => known.call === call)
        const tool = { call, name, state, detail }
        this.#tools = at < 0 ? [...this.#tools, tool] : this.#tools.with(at, tool)
        break
      }
      case 'text':
      case 'end':
        break
      default:
        step satisfies never
    }
    this.#show()
  }

  #show(): void {
    this.#view = this.#look()
    for (const listener of [...this.#listeners]) listener()
  }

  #look(): RunView {
    const { state, text, agent, info } = this.#run
    return { state, text, agent: this.#speaker ?? agent?.username, tools: this.#tools, info }
  }
}

const readers = new WeakMap<Run, Reader>()

function readerOf(run: Run): Reader {
  const known = readers.get(run) ?? new Reader(run)
  readers.set(run, known)
  return known
}
