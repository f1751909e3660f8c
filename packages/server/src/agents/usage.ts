import type { RunUsage } from '../core/run.ts'
import type { Model, ModelUsage } from './models/model.ts'

/** Tokens as we count them. */
export interface Estimate {
  readonly input: number
  readonly output: number
}

/** What one answer takes, over all its rounds and models. */
export class Tally {
  readonly #price: number
  #usage: RunUsage

  /** `price`: millionths of a US dollar for a token where nobody knows the price. `model`: the one asked first. */
  constructor(model: string, price: number) {
    this.#price = price
    this.#usage = { model, tokens: 0, cost: 0, charge: 0 }
  }

  /** What the rounds so far took. */
  get usage(): RunUsage {
    return this.#usage
  }

  /** With a round that is under way. */
  async with(model: Model, tokens: Estimate): Promise<RunUsage> {
    const { input, output } = tokens
    const round = await this.#round(model, { input, output, cacheRead: 0, cacheWrite: 0 }, tokens)
    return { ...sum(this.#usage, round), isEstimate: true }
  }

  /** Adds a round. `tokens`: our count, for where the provider does not say. */
  async add(model: Model, usage: ModelUsage, tokens: Estimate): Promise<void> {
    this.#usage = sum(this.#usage, await this.#round(model, usage, tokens))
  }

  async #round(model: Model, usage: ModelUsage, tokens: Estimate): Promise<RunUsage> {
    const { input, output } = usage
    const price = await model.cost(usage)
    const known = input === null || output === null ? null : input + output
    return {
      model: model.name,
      tokens: known,
      cost: price?.cost ?? null,
      ...(price && { prices: price.prices }),
      charge: model.isFree ? 0 : this.#charge(price?.cost, known ?? tokens.input + tokens.output),
    }
  }

  #charge(cost: number | undefined, tokens: number): number {
    return Math.ceil(cost === undefined ? tokens * this.#price : cost * 1e6)
  }
}

/** Both together, named after the later one. What is not known of one is not known of both. */
const sum = (a: RunUsage, { prices = a.prices, ...b }: RunUsage): RunUsage => ({
  ...b,
  tokens: plus(a.tokens, b.tokens),
  cost: plus(a.cost, b.cost),
  ...(prices !== undefined && { prices }),
  charge: (a.charge ?? 0) + (b.charge ?? 0),
})

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)
