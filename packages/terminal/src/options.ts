import { parseArgs } from 'node:util'
import { Ending, EXIT } from './ends.ts'

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  'api-key': { type: 'string' },
  username: { type: 'string' },
  room: { type: 'string' },
  plain: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  timeout: { type: 'string' },
  color: { type: 'boolean' },
  assistant: { type: 'boolean', default: false },
  auth: { type: 'string' },
  'api-key-header': { type: 'string' },
  password: { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'token-url': { type: 'string' },
  scope: { type: 'string' },
  demo: { type: 'boolean', default: false },
  debug: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const

export const HELP = `Usage: npm run chat -- [OPTIONS]

Talk in the rooms of a Parley server.

  --url URL        the server; otherwise PARLEY_URL, otherwise http://localhost:8000
  --token TOKEN    an access token; otherwise PARLEY_TOKEN
  --api-key KEY    an API key; otherwise PARLEY_API_KEY
  --username NAME  signs in with a password, which is asked for
  --room ROOM      where to begin; otherwise lobby
  --plain          one line a message and no cursor movement: for screen readers and pipes
  --json           one JSON object a line, and lines of input are messages or JSON: for programs
  --timeout N      with --plain and --json: seconds to wait for a lost connection; otherwise 30
  --no-color       no colours; NO_COLOR says the same
  --help, --version

Talk with the AI assistant, as the client of auto-bedrock-chat does:

  --assistant      this mode; --auth and --demo say so too
  --url URL        otherwise BEDROCK_WS_ENDPOINT, otherwise ws://localhost:8000/ws/chat
  --auth TYPE      none, bearer, api_key, basic or oauth2; otherwise BEDROCK_AUTH_TYPE, otherwise none
  --token, --api-key, --api-key-header, --username, --password, --client-id, --client-secret, --token-url, --scope
                   what TYPE needs; BEDROCK_AUTH_TOKEN and BEDROCK_API_KEY are taken too
  --demo           three messages, then the end
  --debug          writes every frame to the standard error; LOG_LEVEL=debug says the same

Secrets on a command line are seen by everybody on the machine: the variables are not.
`

export type Environment = Readonly<Record<string, string | undefined>>

export interface RoomOptions {
  readonly mode: 'room'
  readonly url: string | undefined
  readonly token: string | undefined
  readonly apiKey: string | undefined
  readonly username: string | undefined
  readonly room: string
  /** What the output is for; `auto`: a terminal if it is one. */
  readonly face: 'auto' | 'plain' | 'json'
  readonly isColoured: boolean
  /** Milliseconds. */
  readonly timeout: number
}

export const AUTH_TYPES = ['none', 'bearer', 'api_key', 'basic', 'oauth2'] as const
export type AuthOption = (typeof AUTH_TYPES)[number]

export interface AssistantOptions {
  readonly mode: 'assistant'
  readonly url: string
  readonly auth: AuthOption
  readonly token: string | undefined
  readonly apiKey: string | undefined
  readonly apiKeyHeader: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly tokenUrl: string | undefined
  readonly scope: string | undefined
  readonly isDemo: boolean
  readonly isDebug: boolean
  readonly isPlain: boolean
  readonly isColoured: boolean
}

export type Options = RoomOptions | AssistantOptions | { readonly mode: 'help' } | { readonly mode: 'version' }

/** Reads the command line; options win over the environment. Throws Ending where it makes no sense. */
export function readOptions(args: readonly string[], env: Environment): Options {
  const values = parsed(args)
  if (values.help) return { mode: 'help' }
  if (values.version) return { mode: 'version' }
  const isColoured = values.color ?? !env.NO_COLOR
  return values.assistant || values.auth !== undefined || values.demo
    ? assistantOptions(values, env, isColoured)
    : roomOptions(values, env, isColoured)
}

type Values = ReturnType<typeof parsed>

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowNegative: true }).values
  } catch (error) {
    // Its words name the option and never its value.
    throw usage(error instanceof Error ? error.message : String(error))
  }
}

const usage = (text: string) => new Ending(EXIT.usage, `${text}\nWhat there is: npm run chat -- --help`)

const ASSISTANT_ONLY = ['api-key-header', 'password', 'client-id', 'client-secret', 'token-url', 'scope'] as const
const TIMEOUT_S = 30

function roomOptions(values: Values, env: Environment, isColoured: boolean): RoomOptions {
  for (const name of ASSISTANT_ONLY) if (values[name] !== undefined) throw usage(`--${name} goes with --assistant`)
  if (values.debug) throw usage('--debug goes with --assistant')
  if (values.plain && values.json) throw usage('Either --plain or --json')
  const { token, 'api-key': apiKey, username } = values
  if ([token, apiKey, username].filter(one => one !== undefined).length > 1)
    throw usage('Only one of --token, --api-key and --username')
  const isGiven = token ?? apiKey ?? username
  const seconds = Number(values.timeout ?? TIMEOUT_S)
  if (!(seconds > 0)) throw usage('--timeout is a number of seconds')
  return {
    mode: 'room',
    url: values.url ?? (env.PARLEY_URL || undefined),
    token: isGiven === undefined ? env.PARLEY_TOKEN || undefined : token,
    apiKey: isGiven === undefined && !env.PARLEY_TOKEN ? env.PARLEY_API_KEY || undefined : apiKey,
    username,
    room: values.room ?? 'lobby',
    face: values.json ? 'json' : values.plain ? 'plain' : 'auto',
    isColoured,
    timeout: seconds * 1_000,
  }
}

const DEFAULT_ENDPOINT = 'ws://localhost:8000/ws/chat'

function assistantOptions(values: Values, env: Environment, isColoured: boolean): AssistantOptions {
  if (values.room !== undefined) throw usage('--room goes without --assistant')
  if (values.json) throw usage('--json goes without --assistant')
  const options: AssistantOptions = {
    mode: 'assistant',
    url: values.url ?? (env.BEDROCK_WS_ENDPOINT || DEFAULT_ENDPOINT),
    auth: authOf(values.auth ?? (env.BEDROCK_AUTH_TYPE || 'none')),
    token: values.token ?? (env.BEDROCK_AUTH_TOKEN || undefined),
    apiKey: values['api-key'] ?? (env.BEDROCK_API_KEY || undefined),
    apiKeyHeader: values['api-key-header'],
    username: values.username,
    password: values.password,
    clientId: values['client-id'],
    clientSecret: values['client-secret'],
    tokenUrl: values['token-url'],
    scope: values.scope,
    isDemo: values.demo,
    isDebug: values.debug || env.LOG_LEVEL?.toLowerCase() === 'debug',
    isPlain: values.plain,
    isColoured,
  }
  const missing = NEEDS[options.auth].find(([, name]) => !options[name])
  if (missing) throw usage(`--auth ${options.auth} needs ${missing[0]}`)
  return options
}

type Credential = 'token' | 'apiKey' | 'username' | 'password' | 'clientId' | 'clientSecret' | 'tokenUrl'

const NEEDS: Readonly<Record<AuthOption, readonly (readonly [option: string, name: Credential])[]>> = {
  none: [],
  bearer: [['--token', 'token']],
  api_key: [['--api-key', 'apiKey']],
  basic: [
    ['--username', 'username'],
    ['--password', 'password'],
  ],
  oauth2: [
    ['--client-id', 'clientId'],
    ['--client-secret', 'clientSecret'],
    ['--token-url', 'tokenUrl'],
  ],
}

/** Both spellings, that of the option and that of the frame. */
function authOf(text: string): AuthOption {
  const plain = text
    .toLowerCase()
    .replace(/^bearer_token$/, 'bearer')
    .replace(/^basic_auth$/, 'basic')
  const found = AUTH_TYPES.find(type => type === plain)
  if (!found) throw usage(`--auth is one of ${AUTH_TYPES.join(', ')}`)
  return found
}
