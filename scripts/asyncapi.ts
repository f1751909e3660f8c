// Makes docs/protocols/rooms.asyncapi.json from the schemas of the protocol and the examples of its page:
// node scripts/asyncapi.ts > docs/protocols/rooms.asyncapi.json
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectQuery } from '@parley/protocol/rooms/connection'
import { z } from 'zod'
import { type Example, examplesOf } from './asyncapi/examples.ts'
import { type Down, type Level, levels, parts, taken, type Up } from './asyncapi/frames.ts'

type Json = Readonly<Record<string, unknown>>
type LevelName = keyof typeof levels

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The whole document. Throws where a frame has no example. */
export function asyncApi(): Json {
  const examples = examplesOf(read('docs/protocols/rooms.md'))
  const { version } = JSON.parse(read('package.json'))
  const schemas = schemasOf()
  const names = Object.keys(levels) as LevelName[] // the keys of a constant
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rooms, as Parley speaks it',
      version,
      description:
        'Operations are the server’s: it receives what clients send. See rooms.md beside this file for what it all means.',
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: 'localhost:8000',
        protocol: 'ws',
        description: 'Behind TLS: wss.',
        security: [{ $ref: '#/components/securitySchemes/token' }, { $ref: '#/components/securitySchemes/bearer' }],
      },
    },
    channels: Object.fromEntries(names.map(name => [name, channel(name)])),
    operations: Object.fromEntries(names.flatMap(operations)),
    components: {
      messages: Object.fromEntries(names.flatMap(name => messages(name, schemas, examples))),
      schemas: Object.fromEntries(Object.keys(parts).map(name => [name, schemas[name]])),
      securitySchemes: {
        token: { type: 'httpApiKey', in: 'query', name: 'token', description: 'A WebSocket or access token.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The same in a header.' },
      },
    },
  }
}

const clientName = (level: LevelName, name: string) => `${level}.client.${name}`
const serverName = (level: LevelName, name: string) => `${level}.server.${name}`

/** Names of all messages of a level, those of the documented protocol that it takes over included. */
function namesOf(level: LevelName): { readonly up: readonly string[]; readonly down: readonly string[] } {
  const own: Level = levels[level]
  const others: typeof taken = level === 'level2' ? taken : { up: [], down: [] }
  return {
    up: [
      ...others.up.map(name => clientName('documented', name)),
      ...Object.keys(own.up).map(name => clientName(level, name)),
    ],
    down: [
      ...others.down.map(name => serverName('documented', name)),
      ...Object.keys(own.down).map(name => serverName(level, name)),
    ],
  }
}

function channel(level: LevelName): Json {
  const { up, down } = namesOf(level)
  const { $schema: _, ...query } = z.toJSONSchema(connectQuery, { io: 'input' })
  const properties = level === 'level2' ? { ...query.properties, v: { const: '2' } } : query.properties
  return {
    address: '/api/v1/ws/ws',
    title: levels[level].title,
    messages: Object.fromEntries([...up, ...down].map(name => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      ws: {
        query: { type: 'object', properties, ...(level === 'level2' && { required: ['v'] }) },
        bindingVersion: '0.1.0',
      },
    },
  }
}

/** What the server receives, each with its answers, and all that it sends. */
function operations(level: LevelName): [string, Json][] {
  const { up, down } = namesOf(level)
  const at = { $ref: `#/channels/${level}` }
  const message = (name: string) => ({ $ref: `#/channels/${level}/messages/${name}` })
  const receiving = up.map((name): [string, Json] => {
    const { summary, answers } = frameOf(name)
    const replies = answers?.map(answer => message(down.find(full => full.endsWith(`.server.${answer}`)) ?? answer))
    return [
      name.replace(/^\w+/, level),
      {
        action: 'receive',
        channel: at,
        summary,
        messages: [message(name)],
        ...(replies && { reply: { channel: at, messages: replies } }),
      },
    ]
  })
  const sending: Json = { action: 'send', channel: at, summary: 'What the server sends', messages: down.map(message) }
  return [...receiving, [`${level}.server`, sending]]
}

function frameOf(name: string): Up {
  const frame = frames().find(one => one.name === name)?.frame
  if (!frame || !('type' in frame)) throw new Error(`${name}: no frame of a client`)
  return frame
}

/** Every frame with the name it has in the document. */
export function frames(): readonly { readonly name: string; readonly level: LevelName; readonly frame: Up | Down }[] {
  return (Object.keys(levels) as LevelName[]).flatMap(level => {
    const { up, down }: Level = levels[level]
    return [
      ...Object.entries(up).map(([name, frame]) => ({ name: clientName(level, name), level, frame })),
      ...Object.entries(down).map(([name, frame]) => ({ name: serverName(level, name), level, frame })),
    ]
  })
}

function messages(
  level: LevelName,
  schemas: Readonly<Record<string, Json>>,
  examples: readonly Example[],
): [string, Json][] {
  return frames()
    .filter(one => one.level === level)
    .map(({ name, frame }) => {
      const shown = examples.filter(example => example.level === level && isOf(frame, example.frame))
      if (shown.length === 0) throw new Error(`${name}: no example in docs/protocols/rooms.md`)
      const payload = 'type' in frame ? withType(frame.type, schemas[name]) : schemas[name]
      return [name, { summary: frame.summary, payload, examples: shown.map(example => ({ payload: example.frame })) }]
    })
}

/** Whether `example` is one of `frame`. */
export function isOf(frame: Up | Down, example: Json): boolean {
  if ('type' in frame && (example.type ?? 'chat') !== frame.type) return false
  return frame.schema.safeParse(example).success
}

/** The schema of a client's frame has no type, since that picks the schema. */
function withType(type: string, schema: Json = {}): Json {
  const { properties = {}, required = [], ...rest } = schema as { properties?: Json; required?: string[] } // of an object
  const needed = type === 'chat' ? required : ['type', ...required]
  return {
    ...rest,
    properties: { type: { const: type }, ...properties },
    ...(needed.length > 0 && { required: needed }),
  }
}

/** JSON Schemas of all frames and parts by name; a frame refers to its parts. */
function schemasOf(): Readonly<Record<string, Json>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(parts)) registry.add(schema, { id })
  for (const { name, frame } of frames()) registry.add(frame.schema, { id: name })
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    uri: id => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]), // the name says it
  )
}

/** JSON in which whatever fits a line of 120 characters is on one line. `room` is what is left of the first one. */
export function print(value: unknown, indent = '', room = 120): string {
  const flat = JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return flat
  const spaced = Array.isArray(value)
    ? `[${value.map(one => print(one, '', Number.POSITIVE_INFINITY)).join(', ')}]`
    : `{ ${Object.entries(value)
        .map(([key, one]) => `${JSON.stringify(key)}: ${print(one, '', Number.POSITIVE_INFINITY)}`)
        .join(', ')} }`
  if (flat.length <= 2) return flat
  if (spaced.length <= room) return spaced
  const inner = `${indent}  `
  const lines = Object.entries(value).map(([key, one]) => {
    const name = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `
    return `${inner}${name}${print(one, inner, 120 - inner.length - name.length - 1)}`
  })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`
}

if (import.meta.main) console.log(print(asyncApi()))
