import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import { about } from './config/kinds.ts'
import { nearMiss } from './config/near.ts'
import { SCHEMAS, type SettingName, type Settings } from './config/settings.ts'
import { PIECES_MAX } from './core/file.ts'
import { OperatorFault, systemCode } from './system/fault.ts'

export type { Settings } from './config/settings.ts'

/** Names and values as the environment and files have them. */
export type Variables = Readonly<Record<string, string | undefined>>

export interface Loaded {
  readonly settings: Settings
  /** What they were read from. Holds secrets. */
  readonly variables: Variables
  /** Whole sentences about names that look mistyped. */
  readonly warnings: readonly string[]
}

/**
 * The settings of this start: `environment` wins over the file, which is `.env` where it is unless ENV_FILE or `file` names
 * another. Throws OperatorFault that lists everything that is wrong.
 */
export function loadSettings(environment: Variables, file: string | undefined = environment.ENV_FILE): Loaded {
  const fromFile = file ? readFile(file) : (readIfThere('.env') ?? {})
  const variables = { ...fromFile, ...given(environment) }
  return { settings: readSettings(variables), variables, warnings: warnings(fromFile, environment) }
}

/** The settings that these variables spell. Throws OperatorFault that lists everything that is wrong. */
export function readSettings(variables: Variables): Settings {
  const wrong: string[] = []
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const [name, schema] of SCHEMAS) {
    const text = variables[name]?.trim() || undefined
    const read = schema.safeParse(text)
    if (read.success) values[name] = read.data
    else wrong.push(`${name} is ${shown(schema, text)}; allowed is ${read.error.issues[0]?.message}.`)
  }
  const settings = values as Settings // each schema gave the value of its own name; where one did not, this throws below
  wrong.push(...contradictions(settings))
  if (wrong.length > 0) throw new OperatorFault(wrong.join('\n'))
  return settings
}

const shown = (schema: z.ZodType, text: string | undefined): string =>
  about.get(schema)?.secret ? 'wrong (its value is not shown)' : JSON.stringify(text ?? '')

/** What is wrong between settings that are right one by one. A setting that is wrong itself is absent and offends nothing. */
function contradictions(settings: Partial<Settings>): string[] {
  const { TLS_KEY_FILE: key, TLS_CERT_FILE: cert, SMTP_URL: smtp, MAIL_FROM: from } = settings
  const { HEARTBEAT_INTERVAL: beat = 0, STALE_AFTER: stale = Number.POSITIVE_INFINITY } = settings
  const { MAX_CHUNK_SIZE: chunk = Number.POSITIVE_INFINITY, MAX_FILE_SIZE: size = 0 } = settings
  const { SLOW_READER_SOFT_LIMIT: soft = 0, SLOW_READER_HARD_LIMIT: hard = Number.POSITIVE_INFINITY } = settings
  const found = {
    'TLS_KEY_FILE is given without TLS_CERT_FILE; allowed are both or none.': key && cert === null,
    'TLS_CERT_FILE is given without TLS_KEY_FILE; allowed are both or none.': cert && key === null,
    'MAIL_FROM is missing; with SMTP_URL it has to be the sender of the mails.': smtp && from === null,
    [`STALE_AFTER is ${stale}; allowed is more than HEARTBEAT_INTERVAL, which is ${beat}.`]: stale <= beat,
    [`SLOW_READER_HARD_LIMIT is ${hard}; allowed is more than SLOW_READER_SOFT_LIMIT, which is ${soft}.`]: hard <= soft,
    [`MAX_FILE_SIZE is ${size}; allowed is at most ${PIECES_MAX} times MAX_CHUNK_SIZE, which is ${chunk}.`]:
      size > PIECES_MAX * chunk,
  }
  return Object.entries(found).flatMap(([sentence, isSo]) => (isSo ? [sentence] : []))
}

const given = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()))

function readFile(file: string): Variables {
  return readIfThere(file) ?? fail(`The settings file ${file} is not there.`)
}

function readIfThere(file: string): Variables | undefined {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    return systemCode(error) === 'ENOENT'
      ? undefined
      : fail(`The settings file ${file} can't be read: ${String(error)}`)
  }
}

function fail(message: string): never {
  throw new OperatorFault(message)
}

function warnings(file: Variables, environment: Variables): string[] {
  const names = new Set([...Object.keys(file), ...Object.keys(environment)])
  const known = ['ENV_FILE', ...SCHEMAS.keys()]
  return [...names].flatMap(name => {
    const meant = nearMiss(name, known, name in file ? 'file' : 'environment')
    return meant ? [`${name} is no setting and does nothing. Did you mean ${meant}?`] : []
  })
}
