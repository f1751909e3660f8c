import type { OperatorFetch } from '../../core/ports/outbound.ts'
import type { Later } from '../../core/runs/cast.ts'
import type { Model } from './model.ts'
import { costOf, PRICES, windowOf } from './prices.ts'
import { isFree, languageModel, type Provider, priceProvider } from './providers.ts'

/** Longest name of a model at its provider, in UTF-16 units. */
const ID_MAX = 300
// Some providers have it in the path of a URL, where it must lead nowhere else.
const ID = /^(?!\.+(\/|$))[\w.:@-]+(\/(?!\.+(\/|$))[\w.:@-]+)*$/

export interface CatalogSettings {
  readonly providers: readonly Provider[]
  /** Names of the model that answers where nobody asks for another one, and of the one that answers when it can't. */
  readonly standard: string
  readonly fallback: string | null
  /** What people may ask for besides: names, or `provider/*`. Null is every model of every provider. */
  readonly allowed: readonly string[] | null
  /** Tokens of a model that the table of prices does not know. */
  readonly window: number
}

export interface CatalogPorts {
  readonly fetch: OperatorFetch
  readonly later: Later
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The models that answer here. */
export interface Catalog {
  /**
   * The models to ask, in this order, none twice: the one that `wanted` names, the standard one, the fallback. A name that
   * means no model that people may have counts as none.
   */
  choose(wanted: string | null): readonly Model[]
  /** Names that are known: the standard one, the fallback, and those that people may ask for by name. */
  readonly names: readonly string[]
  /** Whether a name means a model that people may have. */
  has(name: string): boolean
}

/** Throws where a name of the settings means no model. */
export function createCatalog(settings: CatalogSettings, ports: CatalogPorts): Catalog {
  const { providers, standard, fallback } = settings
  const place = (name: string) => placeOf(providers, name)
  const own = [standard, ...(fallback === null ? [] : [fallback])]
  for (const name of own) if (!place(name)) throw new Error(`${name} names no model`)
  return {
    names: [...own, ...(settings.allowed ?? []).filter(name => !name.endsWith('/*'))],
    has: name => fullName(name, own, settings) !== undefined,
    choose(wanted) {
      const asked = wanted === null ? undefined : fullName(wanted, own, settings)
      const names = new Set([...(asked === undefined ? [] : [asked]), ...own])
      return [...names].flatMap(name => {
        const found = place(name)
        return found ? [createModel(found, settings.window, ports)] : []
      })
    },
  }
}

interface Place {
  readonly provider: Provider
  readonly id: string
}

/** Whether a provider can be asked for a model by this name. */
export const isModelId = (id: string): boolean => id.length <= ID_MAX && ID.test(id)

/** The provider of a model, and what the model is called there. */
export function placeOf(providers: readonly Provider[], name: string): Place | undefined {
  const slash = name.indexOf('/')
  const provider = providers.find(one => one.name === name.slice(0, slash))
  const id = name.slice(slash + 1)
  return provider && isModelId(id) ? { provider, id } : undefined
}

/** The name of the model that is meant; undefined for one that people may not have. */
function fullName(wanted: string, own: readonly string[], { providers, allowed }: CatalogSettings): string | undefined {
  const listed = [...own, ...(allowed ?? [])]
  if (listed.includes(wanted)) return wanted
  const place = placeOf(providers, wanted)
  // A client that knows no providers may leave them out.
  if (!place) return listed.find(name => name.slice(name.indexOf('/') + 1) === wanted && !name.endsWith('/*'))
  return allowed === null || allowed.includes(`${place.provider.name}/*`) ? wanted : undefined
}

function createModel({ provider, id }: Place, window: number, { fetch, later, now }: CatalogPorts): Model {
  const prices = priceProvider(provider)
  const name = `${provider.name}/${id}`
  return {
    name,
    maxTokens: provider.maxTokens,
    isFree: isFree(provider),
    mayLackTools: provider.kind === 'compatible',
    window: async () => (prices && (await windowOf(prices, id))) ?? window,
    async cost(usage) {
      const cost = prices ? await costOf(prices, id, usage) : null
      return cost === null ? null : { cost, prices: PRICES }
    },
    async *stream({ temperature, maxTokens, ...request }, signal) {
      // The SDK is loaded when it is first needed.
      const [{ streamFromSdk }, language] = await Promise.all([import('./sdk.ts'), languageModel(provider, id, fetch)])
      const asked = {
        ...request,
        temperature: temperature ?? provider.temperature,
        maxTokens: Math.min(maxTokens ?? provider.maxTokens, provider.maxTokens),
      }
      yield* streamFromSdk({ name, language, silence: provider.silence, later, now }, asked, signal)
    },
  }
}
