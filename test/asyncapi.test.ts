import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downFrame } from '@parley/protocol/rooms/down'
import { downFrame as downFrame2 } from '@parley/protocol/rooms/level2/down'
import { up as up2 } from '@parley/protocol/rooms/level2/up'
import { up } from '@parley/protocol/rooms/up'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { levels, taken } from '../scripts/asyncapi/frames.ts'
import { asyncApi, frames, isOf, print } from '../scripts/asyncapi.ts'

const text = readFileSync(join(import.meta.dirname, '../docs/protocols/rooms.asyncapi.json'), 'utf8')

const ref = z.strictObject({ $ref: z.string() })
const schema = z.record(z.string(), z.unknown())

/** AsyncAPI 3.0, as far as we write it. */
const document = z.strictObject({
  asyncapi: z.literal('3.0.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  defaultContentType: z.literal('application/json'),
  servers: z.record(
    z.string(),
    z.strictObject({
      host: z.string(),
      protocol: z.enum(['ws', 'wss']),
      description: z.string(),
      security: z.array(ref),
    }),
  ),
  channels: z.record(
    z.string(),
    z.strictObject({
      address: z.string().regex(/^[^?#]+$/),
      title: z.string(),
      messages: z.record(z.string(), ref),
      bindings: z.strictObject({ ws: z.strictObject({ query: schema, bindingVersion: z.literal('0.1.0') }) }),
    }),
  ),
  operations: z.record(
    z.string(),
    z.strictObject({
      action: z.enum(['send', 'receive']),
      channel: ref,
      summary: z.string(),
      messages: z.array(ref).min(1),
      reply: z.strictObject({ channel: ref, messages: z.array(ref).min(1) }).optional(),
    }),
  ),
  components: z.strictObject({
    messages: z.record(
      z.string().regex(/^[\w.-]+$/),
      z.strictObject({
        summary: z.string(),
        payload: schema,
        examples: z.array(z.strictObject({ payload: schema })).min(1),
      }),
    ),
    schemas: z.record(z.string().regex(/^[\w.-]+$/), schema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })),
  }),
})

const api = document.parse(JSON.parse(text))

/** What a reference within the document leads to. */
const follow = (pointer: string): unknown =>
  pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], api) // any JSON

test('[DOCS-7] the AsyncAPI document is what the schemas and the page say', () => {
  expect(text, 'run: node scripts/asyncapi.ts > docs/protocols/rooms.asyncapi.json').toBe(`${print(asyncApi())}\n`)
})

test('[DOCS-7] every reference of the document leads somewhere', () => {
  const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, pointer = '']) => pointer)
  expect(references.length).toBeGreaterThan(100)
  for (const pointer of new Set(references)) expect(follow(pointer), pointer).toBeDefined()
})

test('[DOCS-7] an operation names messages of its own channel', () => {
  for (const [name, { channel, messages, reply }] of Object.entries(api.operations)) {
    for (const message of [...messages, ...(reply?.messages ?? [])])
      expect(message.$ref.startsWith(`${channel.$ref}/messages/`), name).toBe(true)
  }
})

test('[DOCS-7] the schema of a message takes its examples', () => {
  const found = frames()
  expect(found.map(({ name }) => name).toSorted()).toEqual(Object.keys(api.components.messages).toSorted())
  for (const { name, frame } of found)
    for (const { payload } of api.components.messages[name]!.examples) expect(isOf(frame, payload), name).toBe(true)
})

test('[DOCS-7] every frame that a client may send, and one may be sent, is in the document', () => {
  const ignored = ['connect', 'disconnect', 'delivery_confirmation', 'error', 'system']
  const types = (level: keyof typeof levels) => Object.values(levels[level].up).map(({ type }) => type)
  const taken2 = taken.up.map(name => levels.documented.up[name]!.type)
  expect(new Set([...types('documented'), ...ignored])).toEqual(new Set(Object.keys(up)))
  expect(new Set([...types('level2'), ...taken2, ...ignored])).toEqual(new Set(Object.keys(up2)))
  const documented = Object.values(levels.documented.down).map(frame => frame.schema)
  const level2 = Object.values(levels.level2.down).map(frame => frame.schema)
  const takenOver = taken.down.map(name => levels.documented.down[name]!.schema)
  expect(new Set<z.ZodType>(downFrame.options)).toEqual(new Set(documented))
  expect(new Set<z.ZodType>(downFrame2.options)).toEqual(new Set([...level2, ...takenOver]))
})
