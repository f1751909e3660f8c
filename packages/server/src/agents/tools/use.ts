import type { Question } from '../../core/ports/agents.ts'
import type { Later } from '../../core/runs/cast.ts'
import { within } from '../patience.ts'
import { type Json, type JsonObject, type Tool, ToolFailed } from './tool.ts'

/** Progress of one use that is passed on, and the longest message of it in UTF-16 units. */
const PROGRESS_MAX = 100
const MESSAGE_MAX = 200

export interface Progress {
  readonly message: string
  /** 0 to 1; never falls. */
  readonly progress: number
}

/** A use of a tool in the making. */
export interface Use {
  /** Only the latest where more come than are taken. Ends with the use. */
  readonly progress: AsyncGenerator<Progress, void, void>
  /** Rejects with what the tool throws, a ToolFailed when its time is over, the signal's reason once that aborts. */
  readonly result: Promise<Json>
  /** Lets go of the tool: its signal aborts, and nothing of it counts any more. */
  end(): void
}

/** Starts using a tool. Whether it heeds its signal or not, nobody waits for it longer than its time. */
export function useOf(tool: Tool, args: JsonObject, question: Question, signal: AbortSignal, later: Later): Use {
  const over = new AbortController()
  const news = new Latest<Progress>()
  const call = { question, signal: AbortSignal.any([signal, over.signal]), progress: reporting(news) }
  // One that throws before its promise is there has failed, too. What comes of it is plain JSON from here on.
  const run = async () => {
    signal.throwIfAborted()
    return plain(await tool.run(args, call))
  }
  const late = () => new ToolFailed('Request timeout')
  const result = within(run(), { time: tool.timeLimit, late, later, signal })
  const end = () => news.end()
  result.then(end, end)
  return {
    progress: news.items(),
    result,
    end() {
      over.abort()
      news.end()
    },
  }
}

const plain = (value: Json): Json => JSON.parse(JSON.stringify(value ?? null))

/** Passes on what a tool says of its progress, as far as it is any. */
function reporting(news: Latest<Progress>) {
  let [highest, left] = [0, PROGRESS_MAX]
  return (message: string, progress: number): void => {
    if (left-- <= 0) return
    if (progress > highest) highest = Math.min(1, progress)
    news.put({ message: String(message).slice(0, MESSAGE_MAX), progress: highest })
  }
}

/** Passes items on; one that is not taken gives way to the next. */
class Latest<T> {
  #item: { readonly value: T } | null = null
  #isOver = false
  #wake: () => void = () => undefined

  put(value: T): void {
    this.#item = { value }
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  async *items(): AsyncGenerator<T, void, void> {
    for (;;) {
      const item = this.#item
      this.#item = null
      if (item) yield item.value
      else if (this.#isOver) return
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
