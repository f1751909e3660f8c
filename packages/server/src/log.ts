import { stripVTControlCharacters, styleText } from 'node:util'
import { pino } from 'pino'
import type { Component, Level, Levels } from './config/levels.ts'
import type { Log } from './sessions/observe.ts'

export interface LogOptions {
  readonly levels: Levels
  readonly format: 'json' | 'pretty'
  /** Whether errors are logged with their stack traces. */
  readonly stacks: boolean
  /** Where lines go; each ends in a line break. */
  readonly write: (line: string) => void
}

/** Makes the log of a component. No secret passes it, whatever is logged: see `scrub`. */
export type OpenLog = (component: Component) => Log

/** Opens the log. Lines are written before the call that logs them returns, so that none is lost in a crash. */
export function openLog({ levels, format, stacks, write }: LogOptions): OpenLog {
  const show = format === 'json' ? scrub : (line: string) => pretty(scrub(line))
  const root = pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: error => describe(error, stacks) },
      redact: { paths: SECRET_FIELDS.flatMap(name => [name, `*.${name}`]), censor: HIDDEN },
    },
    { write: (line: string) => write(show(line)) },
  )
  return component => root.child({ component }, { level: levels.of.get(component) ?? levels.base })
}

/** Writes to the standard output and waits until it is written. */
export function standardOutput(): (line: string) => void {
  const output = pino.destination({ fd: 1, sync: true })
  return line => void output.write(line)
}

const HIDDEN = '[hidden]'

const SECRET_FIELDS = ['key', 'api_key', 'token', 'secret', 'password', 'session', 'cookie', 'authorization']

// Keys, tokens and digests are 64 hex digits; addresses may carry a query string, or a name and a password.
const SECRETS: readonly [RegExp, string][] = [
  [/[0-9a-f]{64,}/gi, HIDDEN],
  [/\?[^\s"'\\]+/g, `?${HIDDEN}`],
  [/:\/\/[^\s/"'@]*@/g, `://${HIDDEN}@`],
  [/\b(Bearer|Basic) +[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
]

/** The last thing done to a line: takes out whatever looks like a secret, wherever it came from. */
function scrub(line: string): string {
  return SECRETS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line)
}

interface Described {
  readonly type: string
  readonly message: string
  readonly code?: unknown
  readonly stack?: string
  readonly cause?: Described
}

/** Errors are shown by a few fields of theirs: what libraries hang on them may be anything, a password too. */
function describe(error: unknown, stacks: boolean): Described {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    ...(stacks && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: describe(error.cause, stacks) }),
  }
}

const COLOURS: Record<Level, 'red' | 'yellow' | 'green' | 'gray'> = {
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'gray',
}

/** One line for a person. */
function pretty(line: string): string {
  // What pino wrote itself, with the fields that openLog gave it.
  const { level, time, component, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown> & { level: Level }
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`)
  const head = `${String(time).slice(11, 19)} ${styleText(COLOURS[level], level.padEnd(5))} ${component}: ${plain(msg)}`
  return `${[head, ...rest].join(' ')}${err ? fault(err as Described) : ''}\n` // our own serializer made it
}

// Names and texts of others may hold control characters, which must not reach a terminal.
const plain = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ')
}

const fault = ({ type, message, stack, cause }: Described): string =>
  `\n  ${stack ?? `${type}: ${plain(message)}`}${cause ? `\n  because of${fault(cause)}` : ''}`
