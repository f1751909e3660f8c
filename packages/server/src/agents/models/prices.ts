import type { ModelUsage } from './model.ts'

/** The table that costs come from, with its version. */
export const PRICES = 'genai-prices 0.1.8'

/** What the table calls a provider. */
export type PriceProvider = 'openai' | 'anthropic' | 'google' | 'aws'

/** US dollars that an answer cost; null where tokens or prices are not known. The table is loaded when it is first asked. */
export async function costOf(provider: PriceProvider, model: string, usage: ModelUsage): Promise<number | null> {
  if (usage.input === null || usage.output === null) return null
  const tokens = {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead,
    cache_write_tokens: usage.cacheWrite,
  }
  const cost = (await look(provider, model, tokens))?.total_price
  return cost !== undefined && Number.isFinite(cost) ? cost : null
}

/** Tokens that question and answer have together; null where the table does not say. */
export async function windowOf(provider: PriceProvider, model: string): Promise<number | null> {
  return (await look(provider, model, {}))?.model.context_window ?? null
}

async function look(provider: PriceProvider, model: string, tokens: Record<string, number>) {
  const { calcPrice } = await import('@pydantic/genai-prices')
  try {
    return calcPrice(tokens, model, { providerId: provider })
  } catch {
    // Numbers that make no sense together have no price.
    return null
  }
}
