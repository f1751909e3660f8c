import type { LanguageModel } from 'ai'
import type { OperatorFetch } from '../../core/ports/outbound.ts'
import type { PriceProvider } from './prices.ts'

/** Who runs models, and how they are reached. Addresses are whole base URLs; null is the provider's own. */
export type Provider = (
  | { readonly kind: 'openai'; readonly key: string; readonly url: string | null; readonly api: 'responses' | 'chat' }
  | { readonly kind: 'anthropic' | 'google'; readonly key: string; readonly url: string | null }
  | {
      readonly kind: 'bedrock'
      readonly region: string
      readonly credentials: AwsCredentials
      readonly url: string | null
    }
  /** Whatever speaks the chat completions of OpenAI. Where it is near, on this machine or in its network, nobody is paid. */
  | { readonly kind: 'compatible'; readonly key: string | null; readonly url: string; readonly isNear: boolean }
) & {
  /** What stands before the slash in the names of its models. */
  readonly name: string
  /** Longest time without a sign of life, in milliseconds. */
  readonly silence: number
  /** Longest answer, in tokens. */
  readonly maxTokens: number
  /** Used where nobody asks for another one; null leaves it to the model. */
  readonly temperature: number | null
}

export type AwsCredentials =
  | { readonly bearer: string }
  | { readonly id: string; readonly secret: string; readonly session: string | null }

/** A model as the SDK has it. The provider's part of the SDK is loaded when it is first asked for. */
export async function languageModel(provider: Provider, id: string, fetch: OperatorFetch): Promise<LanguageModel> {
  const { url, name } = provider
  const common = { fetch, ...(url !== null && { baseURL: url }) }
  switch (provider.kind) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai')
      return createOpenAI({ ...common, apiKey: provider.key })[provider.api](id)
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic')
      return createAnthropic({ ...common, apiKey: provider.key })(id)
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google')
      return createGoogle({ ...common, apiKey: provider.key })(id)
    }
    case 'bedrock': {
      const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock')
      return createAmazonBedrock({ ...common, region: provider.region, ...awsSettings(provider.credentials) })(id)
    }
    case 'compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
      const { key } = provider
      return createOpenAICompatible({
        name,
        baseURL: provider.url,
        fetch,
        includeUsage: true,
        ...(key && { apiKey: key }),
      })(id)
    }
    default:
      return provider satisfies never
  }
}

const awsSettings = (credentials: AwsCredentials) =>
  'bearer' in credentials
    ? { apiKey: credentials.bearer }
    : {
        accessKeyId: credentials.id,
        secretAccessKey: credentials.secret,
        ...(credentials.session !== null && { sessionToken: credentials.session }),
      }

/** What the table of prices calls a provider; undefined where what it takes is not known. */
export function priceProvider({ kind }: Provider): PriceProvider | undefined {
  switch (kind) {
    case 'openai':
    case 'anthropic':
    case 'google':
      return kind
    case 'bedrock':
      return 'aws'
    case 'compatible':
      return undefined
    default:
      return kind satisfies never
  }
}

/** Whether nobody is paid for its models. */
export const isFree = (provider: Provider): boolean => provider.kind === 'compatible' && provider.isNear

/** Every secret in the words of an operator; nothing of it may be shown or logged. */
export function secretsOf(provider: Provider): readonly string[] {
  if (provider.kind !== 'bedrock') return provider.key === null ? [] : [provider.key]
  const { credentials } = provider
  if ('bearer' in credentials) return [credentials.bearer]
  return [credentials.id, credentials.secret, credentials.session].filter(secret => secret !== null)
}
