import { isIP } from 'node:net'
import type { AwsCredentials, Provider } from '../agents/models/providers.ts'
import type { Settings } from '../config.ts'
import { isPublic } from '../outbound/addresses.ts'
import { OperatorFault } from '../system/fault.ts'

/** Models that answer where only their provider is set up. */
const STANDARD = {
  openai: 'gpt-5.4-mini',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-3.8-flash',
} as const

/** The providers that the settings set up, in the order in which they are taken. Throws OperatorFault for half a Bedrock. */
export function providersOf(settings: Settings): readonly Provider[] {
  const { OPENAI_COMPATIBLE_URL: compatible, OPENAI_COMPATIBLE_NAME: name } = settings
  const pace = paceOf(settings)
  const providers: Provider[] = []
  if (wantsBedrock(settings)) providers.push(bedrock(settings))
  if (settings.OPENAI_API_KEY) providers.push({ ...openai(settings, settings.OPENAI_API_KEY), ...pace })
  for (const kind of ['anthropic', 'google'] as const) {
    const key = settings[kind === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'GOOGLE_API_KEY']
    const url = settings[kind === 'anthropic' ? 'ANTHROPIC_BASE_URL' : 'GOOGLE_BASE_URL']
    if (key) providers.push({ kind, name: kind, key, url, ...pace })
  }
  if (compatible) {
    if (providers.some(provider => provider.name === name))
      throw new OperatorFault(`OPENAI_COMPATIBLE_NAME is ${JSON.stringify(name)}; another provider has that name.`)
    const key = settings.OPENAI_COMPATIBLE_KEY
    providers.push({ kind: 'compatible', name, url: compatible, key, isNear: isNear(compatible), ...pace })
  }
  return providers
}

/** Names without a dot, and those that only a local network knows, lead to where nobody sells anything; so do private addresses. */
function isNear(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return !isPublic(host)
  return !host.includes('.') || /\.(local|localhost|internal|lan|home\.arpa)$/.test(host)
}

/** How much time and how many tokens a provider has that has no settings of its own for that. */
export const paceOf = (settings: Settings) => ({
  silence: settings.MODEL_TIMEOUT * 1000,
  maxTokens: settings.MODEL_MAX_TOKENS,
  temperature: null,
})

/** The model that answers where nobody asks for another one; undefined where the compatible server has to be asked. */
export function standardOf(settings: Settings, providers: readonly Provider[]): string | undefined {
  const names = providers.map(({ kind }) => modelOf(kind, settings))
  return settings.MODEL_DEFAULT ?? names.find(name => name !== undefined)
}

function modelOf(kind: Provider['kind'], { BEDROCK_MODEL_ID: id }: Settings): string | undefined {
  switch (kind) {
    case 'openai':
    case 'anthropic':
    case 'google':
      return `${kind}/${STANDARD[kind]}`
    case 'bedrock':
      return id === null ? undefined : `bedrock/${id}`
    case 'compatible':
      return undefined
    default:
      return kind satisfies never
  }
}

function openai({ OPENAI_BASE_URL: url, OPENAI_API: api }: Settings, key: string) {
  // Servers that only resemble OpenAI's have the older API.
  return { kind: 'openai', name: 'openai', key, url, api: api ?? (url === null ? 'responses' : 'chat') } as const
}

const wantsBedrock = ({
  BEDROCK_MODEL_ID: id,
  MODEL_DEFAULT: first,
  MODEL_FALLBACK: second,
  MODELS_ALLOWED: more,
}: Settings) => id !== null || [first, second, ...more].some(name => name?.startsWith('bedrock/'))

const bedrock = (settings: Settings): Provider => ({
  kind: 'bedrock',
  name: 'bedrock',
  region: settings.BEDROCK_REGION ?? settings.AWS_REGION,
  credentials: awsCredentials(settings),
  url: settings.AWS_ENDPOINT_URL_BEDROCK_RUNTIME,
  silence: settings.MODEL_TIMEOUT * 1000,
  maxTokens: settings.BEDROCK_MAX_TOKENS,
  temperature: settings.BEDROCK_TEMPERATURE,
})

function awsCredentials(settings: Settings): AwsCredentials {
  const { AWS_BEARER_TOKEN_BEDROCK: bearer, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = settings
  if (bearer) return { bearer }
  if (id && secret) return { id, secret, session: settings.AWS_SESSION_TOKEN }
  throw new OperatorFault(
    'Bedrock needs AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, or AWS_BEARER_TOKEN_BEDROCK; roles and profiles are not read.',
  )
}
