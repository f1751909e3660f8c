import { isIP } from 'node:net'
import { z } from 'zod'

/** One kind of value: what it looks like, in words that end the sentence "allowed is ...", and how to read it. */
export interface Kind<T> {
  readonly allowed: string
  /** Undefined for a text that is not of this kind. */
  read(text: string): T | undefined
}

/** What the documentation and the error messages need to know of a setting. */
export interface About {
  readonly allowed: string
  readonly description: string
  /** As it would be written; null where there is none. */
  readonly initial: string | null
  readonly secret: boolean
}

export const about = z.registry<About>()

/** A setting with a default. */
export const setting = <T>(kind: Kind<T>, initial: string, description: string): z.ZodType<T> =>
  reader(kind).prefault(initial).register(about, { allowed: kind.allowed, description, initial, secret: false })

/** A setting that is null unless given. */
export const optional = <T>(kind: Kind<T>, description: string): z.ZodType<T | null> => option(kind, description, false)

/** An optional setting whose value is never shown. */
export const secret = <T>(kind: Kind<T>, description: string): z.ZodType<T | null> => option(kind, description, true)

const option = <T>(kind: Kind<T>, description: string, hidden: boolean): z.ZodType<T | null> =>
  reader(kind)
    .optional()
    .transform(value => value ?? null)
    .register(about, { allowed: kind.allowed, description, initial: null, secret: hidden })

const reader = <T>({ allowed, read }: Kind<T>) =>
  z.string().transform((text, ctx) => {
    const value = read(text)
    if (value !== undefined) return value
    ctx.addIssue(allowed)
    return z.NEVER
  })

export const path: Kind<string> = { allowed: 'a path', read: text => text }

const YES = new Set(['true', 'yes', 'on', '1'])
const NO = new Set(['false', 'no', 'off', '0'])

export const flag: Kind<boolean> = {
  allowed: 'true or false',
  read: text => (YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : undefined),
}

export const oneOf = <const T extends string>(...words: readonly T[]): Kind<T> => ({
  allowed: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  read: text => words.find(word => word === text.toLowerCase()),
})

const isWhole = (text: string): boolean => /^\d{1,15}$/.test(text)

/** What stands for "as many as can be counted" as the end of a range. */
export const ENDLESS = Number.MAX_SAFE_INTEGER

/** A whole number; `unit` says of what, such as "seconds". */
export const whole = (min: number, max: number, unit?: string): Kind<number> => ({
  allowed: `a whole number${unit ? ` of ${unit}` : ''} from ${min} ${max === ENDLESS ? 'on' : `to ${max}`}`,
  read: text => (isWhole(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
})

/** Like `whole`, or a word that stands for null. */
export const wholeOr = (word: string, min: number, unit: string): Kind<number | null> => ({
  allowed: `a whole number of ${unit} from ${min} on, or ${word}`,
  read: text => (text.toLowerCase() === word ? null : isWhole(text) && Number(text) >= min ? Number(text) : undefined),
})

export interface Rate {
  readonly count: number
  readonly seconds: number
}

export const rate: Kind<Rate> = { allowed: 'count/seconds, such as 30/60', read: readRate }

export const rateOrOff: Kind<Rate | null> = {
  allowed: 'count/seconds, such as 30/60, or off',
  read: text => (text.toLowerCase() === 'off' ? null : readRate(text)),
}

function readRate(text: string): Rate | undefined {
  const [, count, seconds] = /^(\d{1,9})\s*\/\s*(\d{1,6})$/.exec(text) ?? []
  const rate = { count: Number(count), seconds: Number(seconds) }
  return rate.count > 0 && rate.seconds > 0 ? rate : undefined
}

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

/** As the settings of auto-bedrock-chat have it. */
export const ratePer: Kind<Rate> = {
  allowed: 'count/unit with the unit second, minute, hour or day, such as 10/minute',
  read: text => {
    const [, count, unit = ''] = /^(\d{1,9})\s*\/\s*([a-z]+)$/i.exec(text) ?? []
    const seconds = UNITS[unit.toLowerCase()]
    return seconds !== undefined && Number(count) > 0 ? { count: Number(count), seconds } : undefined
  },
}

/** An address to call. */
export const url: Kind<string> = {
  allowed: 'an address, such as https://auth.example.org/check',
  read: text => {
    const read = urlOf(text)
    return read && /^https?:$/.test(read.protocol) && !read.username && !read.password ? read.href : undefined
  },
}

/** Entries of one kind, separated by commas. */
export const list = <T>(kind: Kind<T>): Kind<readonly T[]> => ({
  allowed: `a list, separated by commas, of: ${kind.allowed}`,
  read: text => {
    const entries = text.split(',').map(entry => entry.trim())
    const read = entries.filter(entry => entry !== '').map(kind.read)
    return read.every(entry => entry !== undefined) ? read : undefined
  },
})

const urlOf = (text: string): URL | undefined => URL.parse(text) ?? undefined

/** Scheme, host and port of a page, without a slash at the end. */
export const origin: Kind<string> = {
  allowed: 'an address without a path, such as https://chat.example.org',
  read: text => {
    const url = urlOf(text)
    const bare = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash
    return bare && !url.username && !url.password ? url.origin : undefined
  },
}

export const originOrNull: Kind<string> = {
  allowed: `${origin.allowed}, or null for pages without an origin`,
  read: text => (text === 'null' ? text : origin.read(text)),
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i

export const hostName: Kind<string> = {
  allowed: 'a host name without port, such as chat.example.org',
  read: text => (HOST_NAME.test(text) ? text.toLowerCase() : undefined),
}

export const listenAddress: Kind<string> = {
  allowed: 'an address or name of this machine, such as 127.0.0.1, :: or localhost',
  read: text => (isIP(text) || HOST_NAME.test(text) ? text : undefined),
}

export const mailServer: Kind<string> = {
  allowed: 'smtp://user:password@host:port or smtps://user:password@host:port',
  read: text => {
    const url = urlOf(text)
    return url && /^smtps?:$/.test(url.protocol) && url.hostname !== '' ? text : undefined
  },
}

export const mailAddress: Kind<string> = {
  allowed: 'a mail address, such as chat@example.org or Parley <chat@example.org>',
  read: text => (/^([^<>@]*<)?[^\s<>@]+@[^\s<>@]+>?$/.test(text) ? text : undefined),
}

/** A base URL, without a slash at the end. */
export const webAddress: Kind<string> = {
  allowed: 'an http or https address, such as http://127.0.0.1:11434/v1',
  read: text => {
    const url = urlOf(text)
    const bare = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password
    return bare ? url.href.replace(/\/+$/, '') : undefined
  },
}

/** Something without blanks, such as a key. */
export const word: Kind<string> = {
  allowed: 'a text without blanks',
  read: text => (/^[\x21-\x7e]+$/.test(text) ? text : undefined),
}

export const decimal = (min: number, max: number): Kind<number> => ({
  allowed: `a number from ${min} to ${max}`,
  read: text =>
    /^\d{1,3}(\.\d{1,6})?$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
})

/** An amount of US dollars, in millionths. */
export const dollars: Kind<number> = {
  allowed: 'an amount of US dollars, such as 2 or 0.50',
  read: text => (/^\d{1,7}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1e6) : undefined),
}

/** The same, or null where there is no limit. */
export const dollarsOrUnlimited: Kind<number | null> = {
  allowed: `${dollars.allowed}, or unlimited`,
  read: text => (text.toLowerCase() === 'unlimited' ? null : dollars.read(text)),
}

/** At least `min` characters; how many there are is not told. */
export const longText = (min: number): Kind<string> => ({
  allowed: `a text of at least ${min} characters, such as openssl rand -hex 32 prints`,
  read: text => (text.length >= min ? text : undefined),
})
