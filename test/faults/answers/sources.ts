import type { Random } from '../random.ts'
import { modelStory, openModel, storyAskedAs } from './model.ts'
import { storyOf } from './story.ts'

/** Who answers in a siege. */
export interface OpenSource extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>
  question(random: Random): string
  /** The whole answer to a message. */
  expected(asked: string): string
  /** Whether what broke off has to be asked for again. */
  readonly again: boolean
  readonly faults: readonly string[]
}

export type Source = (random: Random) => Promise<OpenSource>

/** A model behind a compatible API, whose answers end with the server and go on when they are asked for. */
export const model: Source = async random => {
  const server = await openModel(random)
  return {
    settings: { OPENAI_COMPATIBLE_URL: server.url, MODEL_DEFAULT: 'compatible/teller' },
    question: from => storyAskedAs(from.below(1_000_000)),
    expected: asked => modelStory(Number(/tell (\d+)/.exec(asked)?.[1])),
    again: true,
    faults: server.faults,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** So many words that saying them back takes several transactions. */
const WORDS = 1_500

/** The built-in guide, whose answers go on by themselves. */
export const guide: Source = async () => ({
  settings: {},
  question: from => `/repeat ${storyOf(from.below(1_000_000), WORDS).join('').trim()}`,
  expected: asked => asked.replace(/^@assistant \/repeat /, ''),
  again: false,
  faults: [],
  [Symbol.asyncDispose]: async () => undefined,
})
