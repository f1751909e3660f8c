import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDocument } from '../../../src/agents/tools/openapi/document.ts'
import { convertSchema } from '../../../src/agents/tools/openapi/schema.ts'
import type { Json } from '../../../src/agents/tools/tool.ts'

const MAX = 8_192

const convert = (schema: Json, schemas: object = {}, openapi = '3.0.3') =>
  convertSchema(openDocument({ openapi, paths: {}, components: { schemas } }), schema, MAX)

describe('[OPENAPI-23] forms of 3.0', () => {
  test.each([
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'a nullable list of words',
      { type: 'string', enum: ['a'], nullable: true },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    ['nullable without a type', { nullable: true, minimum: 1 }, { anyOf: [{ minimum: 1 }, { type: 'null' }] }],
    [
      'nullable of several',
      { nullable: true, allOf: [{ type: 'object' }] },
      { anyOf: [{ allOf: [{ type: 'object' }] }, { type: 'null' }] },
    ],
    ['an exclusive minimum', { minimum: 1, exclusiveMinimum: true }, { exclusiveMinimum: 1 }],
    ['an exclusive maximum', { maximum: 9, exclusiveMaximum: true }, { exclusiveMaximum: 9 }],
    ['a minimum that is none', { minimum: 1, exclusiveMinimum: false }, { minimum: 1 }],
  ])('%s', (_, schema, expected) => {
    expect(convert(schema)).toEqual(expected)
  })

  test('those of 3.1 stay', () => {
    const schema = { type: ['integer', 'null'], exclusiveMinimum: 0, const: 1 }
    expect(convert(schema, {}, '3.1.0')).toEqual(schema)
  })
})

test('[OPENAPI-23] references are shown where they stand, with what stands beside them', () => {
  const schemas = { Name: { type: 'string', minLength: 1 } }
  const schema = { type: 'object', properties: { name: { $ref: '#/components/schemas/Name', description: 'Whose' } } }
  expect(convert(schema, schemas).properties).toEqual({ name: { type: 'string', minLength: 1, description: 'Whose' } })
})

test('[OPENAPI-23] what contains itself is shown once, and takes anything below', () => {
  const schemas = { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } } }
  expect(convert({ $ref: '#/components/schemas/Node' }, schemas)).toEqual({
    type: 'object',
    properties: { next: { description: 'Node, as above' } },
  })
})

test.each([
  [
    'references in a ring',
    { $ref: '#/components/schemas/A' },
    { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } },
  ],
  ['a reference to itself', { $ref: '#/components/schemas/A' }, { A: { $ref: '#/components/schemas/A' } }],
  ['a reference to nothing', { $ref: '#/components/schemas/None' }, {}],
  ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }, {}],
  ['a reference to a file', { $ref: '../secret.json#/a' }, {}],
])('[OPENAPI-11] %s takes anything', (_, schema, schemas) => {
  expect(convert(schema, schemas)).toEqual({})
})

test('[OPENAPI-23] a schema that grows with every level is shown as deep as it fits', () => {
  const names = Array.from({ length: 12 }, (_, i) => `S${i}`)
  const wide = (i: number) =>
    Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`p${n}`, { $ref: `#/components/schemas/S${i + 1}` }]))
  const schemas = Object.fromEntries(names.map((name, i) => [name, { type: 'object', properties: wide(i) }]))
  const shown = convert({ $ref: '#/components/schemas/S0' }, schemas)
  expect(JSON.stringify(shown).length).toBeLessThanOrEqual(MAX)
  expect(shown).toMatchObject({ type: 'object', properties: { p7: { type: 'object' } } })
})

test('[OPENAPI-23] what only the service sends is not asked for', () => {
  const schema = {
    properties: { id: { type: 'string', readOnly: true }, name: {} },
    required: ['id', 'name'],
    additionalProperties: false,
  }
  expect(convert(schema)).toEqual({ properties: { name: {} }, required: ['name'], additionalProperties: false })
})

test('[OPENAPI-23] nothing that depends on what was cut is kept', () => {
  const schema = {
    oneOf: [{ type: 'string' }, {}],
    not: {},
    if: {},
    else: false,
    patternProperties: { x: {} },
    additionalProperties: false,
  }
  expect(convert(schema)).toEqual({ anyOf: [{ type: 'string' }, {}] })
})

test('[OPENAPI-24] a pattern is told, not kept', () => {
  expect(convert({ type: 'string', pattern: '^(a+)+$' })).toEqual({ type: 'string', description: 'Pattern: ^(a+)+$' })
})

test('[OPENAPI-23] nonsense is left out', () => {
  const schema = {
    type: ['wizard', 7],
    minLength: -1,
    multipleOf: 0,
    enum: [{ a: 1 }],
    required: 'all',
    items: 7,
    properties: [],
    format: 'int64',
  }
  expect(convert(schema as Json)).toEqual({ items: {} })
  for (const schema of [null, true, 7, 'text', []]) expect(convert(schema)).toEqual({})
})

test('[OPENAPI-23] whatever a document holds, what comes out is small, has no reference, and pollutes nothing', () => {
  const word = fc.constantFrom(
    'type',
    'properties',
    'items',
    'allOf',
    'oneOf',
    '$ref',
    '__proto__',
    'nullable',
    'enum',
    'required',
    'x',
  )
  const { node } = fc.letrec<{ node: Json }>(tie => ({
    node: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<Json>('object', 'array', '#/components/schemas/A', true, null, 3),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(word, tie('node'), { maxKeys: 6 }),
    ),
  }))
  fc.assert(
    fc.property(node, node, (schema, other) => {
      const text = JSON.stringify(convert(schema, { A: other }))
      expect(text.length).toBeLessThanOrEqual(MAX)
      expect(text).not.toContain('"$ref":"')
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    }),
    { numRuns: 200 },
  )
})
