import { TEXTS } from '@parley/protocol/rooms/limits'
import { z } from 'zod'
import type { Decoded } from '../view.ts'
import { type About, NOWHERE, reject } from './answers.ts'

/** Of a frame that was not understood. */
export const NOT_JSON = reject(TEXTS.invalidJson, 'INVALID_JSON', NOWHERE)

/** What text frames of a client mean, by the schemas of their types; `fault` says what is wrong with one. Never throws. */
export function reader<F extends { readonly type: string }>(
  schemas: Record<string, z.ZodType>,
  understand: (frame: F) => Decoded,
  fault: (error: z.ZodError) => string = () => TEXTS.invalidMessage,
): (text: string) => Decoded {
  const compiled = new Map(Object.entries(schemas).map(([type, schema]) => [type, z.compile(schema)]))
  return text => {
    const frame = parse(text)
    if (frame === undefined) return NOT_JSON
    const about = aboutOf(frame)
    const type = frame.type ?? 'chat'
    const schema = typeof type === 'string' ? compiled.get(type) : undefined
    if (!schema) return reject(`${TEXTS.invalidType}: ${shown(type)}`, 'INVALID_TYPE', about)
    const read = schema.safeParse(frame)
    if (!read.success) return reject(fault(read.error), 'INVALID_MESSAGE', about)
    // The schema that read the frame is the one that `schemas` has for this type.
    return understand({ ...(read.data as object), type } as F)
  }
}

/** The first field that is wrong, and how. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return issue ? `${issue.path.join('.')}: ${issue.message}` : TEXTS.invalidMessage
}

/** What a frame that is not looked at is called. */
export const nameOfFrame = (text: string): About => ({ ...NOWHERE, id: aboutOf(parse(text) ?? {}).id })

/** What a frame is called and about, as far as that can be told of one that may be rubbish. */
function aboutOf({ message_id: id, room_id: room }: Record<string, unknown>): About {
  return { id: shortText(id), room: shortText(room) }
}

/** Longest text that is said back to whoever sent it. */
const SAID_BACK_MAX = 255

const shortText = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= SAID_BACK_MAX ? value : null

const shown = (type: unknown): string => (typeof type === 'string' ? type.slice(0, 64).toWellFormed() : typeof type)

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined // an object of JSON has string keys
  } catch {
    return undefined
  }
}
