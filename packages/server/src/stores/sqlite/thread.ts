import { type MessagePort, Worker } from 'node:worker_threads'
import { StoreFailed, type StoreFailure } from '../../core/ports/store.ts'

/** A worker thread that answers questions one by one, in the order they were asked. */
export interface Thread<Question, Answer> {
  /**
   * Rejects with StoreFailed: what went wrong with this question, `busy` when too many wait already, or `crashed` or `closed`
   * from then on.
   */
  ask(question: Question): Promise<Answer>
  /** Answers what was asked before, then ends the thread. */
  close(): Promise<void>
}

type Reply<Answer> =
  | { readonly state: 'answered'; readonly answer: Answer }
  | { readonly state: 'failed'; readonly failure: StoreFailure; readonly detail: string }

type Request<Question> = { readonly ask: Question } | 'close'

interface Asked<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: StoreFailed) => void
}

/** Questions that may wait for a thread. Whoever asks more than it answers is refused instead of keeping everybody waiting. */
const WAITING_MAX = 256

/** Starts the module at `file`, which must call `answerQuestions`. `data` is the module's `workerData`. */
export function startThread<Question, Answer>(file: URL, data: unknown): Thread<Question, Answer> {
  // Nothing else of our environment: under `node --watch` it makes a thread tell its parent what it loads, among the answers.
  const { NODE_COMPILE_CACHE: cache } = process.env
  const worker = new Worker(file, { workerData: data, env: cache ? { NODE_COMPILE_CACHE: cache } : {} })
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const asked: Asked<Answer>[] = []
  let state: 'running' | 'closed' | 'crashed' = 'running'

  const crash = (error: unknown) => {
    if (state === 'running') state = 'crashed'
    for (const { reject } of asked.splice(0)) reject(new StoreFailed('crashed', error))
  }
  worker.on('error', crash)
  worker.on('exit', code => crash(new Error(`The thread ended with code ${code}`)))
  worker.on('message', (reply: Reply<Answer>) => {
    const first = asked.shift()
    if (reply.state === 'answered') first?.resolve(reply.answer)
    else first?.reject(new StoreFailed(reply.failure, new Error(reply.detail)))
  })

  const post = (request: Request<Question>) => worker.postMessage(request)
  return {
    ask(question) {
      if (state !== 'running') return Promise.reject(new StoreFailed(state))
      if (asked.length >= WAITING_MAX) return Promise.reject(new StoreFailed('busy'))
      return new Promise((resolve, reject) => {
        asked.push({ resolve, reject })
        post({ ask: question })
      })
    },
    async close() {
      if (state === 'running') {
        state = 'closed'
        post('close')
      }
      await exited
    },
  }
}

/** A thread that its first question starts, and that never starts without one. After a crash the next question starts another. */
export function whenAsked<Question, Answer>(start: () => Thread<Question, Answer>): Thread<Question, Answer> {
  let thread: Thread<Question, Answer> | undefined
  let closed = false
  return {
    async ask(question) {
      if (closed) throw new StoreFailed('closed')
      thread ??= start()
      const asked = thread
      try {
        return await asked.ask(question)
      } catch (error) {
        if (error instanceof StoreFailed && error.code === 'crashed' && thread === asked) thread = undefined
        throw error
      }
    },
    async close() {
      closed = true
      await thread?.close()
    },
  }
}

/** What a thread does: `answer` may throw, `failureOf` then says what the asker is told. */
export interface Answering<Question, Answer> {
  answer(question: Question): Answer
  failureOf(error: unknown): StoreFailure
  close(): void
}

/** The thread's side of `startThread`. */
export function answerQuestions<Question, Answer>(port: MessagePort, thread: Answering<Question, Answer>): void {
  const replyTo = (question: Question): Reply<Answer> => {
    try {
      return { state: 'answered', answer: thread.answer(question) }
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'unknown error'
      return { state: 'failed', failure: thread.failureOf(error), detail }
    }
  }
  port.on('message', (request: Request<Question>) => {
    if (request !== 'close') return port.postMessage(replyTo(request.ask))
    thread.close()
    port.close()
  })
}
