import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointOf } from '../../../src/agents/tools/openapi/endpoint.ts'
import { type Operation, outlines, readOperation } from '../../../src/agents/tools/openapi/operations.ts'
import { prepare } from '../../../src/agents/tools/openapi/request.ts'
import type { Json, JsonObject } from '../../../src/agents/tools/tool.ts'
import { documentOf } from './service.ts'

const BASE = 'http://api.example/v1'

/** The request of an operation on `path` with these parameters and this body. */
function requestOf(path: string, content: JsonObject, args: JsonObject) {
  const document = documentOf({ [path]: { post: content } })
  const [outline] = outlines(document)
  const operation = readOperation(document, outline!, false)
  if ('why' in operation) throw new Error(operation.why)
  return prepare(endpointOf(document, operation satisfies Operation, new Set()), BASE, args)
}

const LIST = ['blue', 'black']
const MAP = { R: 100, G: 200 }

describe('[OPENAPI-31] styles', () => {
  // As the tables of OpenAPI 3.1 have them.
  test.each<[string, string, boolean, Json, string]>([
    ['query', 'form', true, 'blue', '?c=blue'],
    ['query', 'form', true, LIST, '?c=blue&c=black'],
    ['query', 'form', false, LIST, '?c=blue,black'],
    ['query', 'form', true, MAP, '?R=100&G=200'],
    ['query', 'form', false, MAP, '?c=R,100,G,200'],
    ['query', 'form', true, [], ''],
    ['query', 'spaceDelimited', false, LIST, '?c=blue%20black'],
    ['query', 'pipeDelimited', false, LIST, '?c=blue%7Cblack'],
    ['query', 'deepObject', true, MAP, '?c%5BR%5D=100&c%5BG%5D=200'],
    ['query', 'deepObject', true, { a: { b: [1, 2] } }, '?c%5Ba%5D%5Bb%5D=1&c%5Ba%5D%5Bb%5D=2'],
    ['path', 'simple', false, 'blue', '/blue'],
    ['path', 'simple', false, LIST, '/blue,black'],
    ['path', 'simple', false, MAP, '/R,100,G,200'],
    ['path', 'simple', true, MAP, '/R=100,G=200'],
    ['path', 'label', false, 'blue', '/.blue'],
    ['path', 'label', false, LIST, '/.blue,black'],
    ['path', 'label', true, LIST, '/.blue.black'],
    ['path', 'label', true, MAP, '/.R=100.G=200'],
    ['path', 'matrix', false, 'blue', '/;c=blue'],
    ['path', 'matrix', false, LIST, '/;c=blue,black'],
    ['path', 'matrix', true, LIST, '/;c=blue;c=black'],
    ['path', 'matrix', false, MAP, '/;c=R,100,G,200'],
    ['path', 'matrix', true, MAP, '/;R=100;G=200'],
  ])('%s %s, exploded %s: %j', (place, style, explode, value, expected) => {
    const parameters = [{ name: 'c', in: place, style, explode, schema: {} }]
    const { url } = requestOf(place === 'path' ? '/{c}' : '/', { parameters }, { c: value })
    expect(url.slice(BASE.length)).toBe(place === 'path' ? expected : `/${expected}`)
  })

  test.each<[boolean, Json, string]>([
    [false, LIST, 'blue,black'],
    [false, MAP, 'R,100,G,200'],
    [true, MAP, 'R=100,G=200'],
  ])('header, exploded %s: %j', (explode, value, expected) => {
    const { headers } = requestOf('/', { parameters: [{ name: 'X-C', in: 'header', explode }] }, { 'X-C': value })
    expect(headers).toEqual({ 'x-c': expected })
  })

  test('a parameter that is JSON', () => {
    const parameters = [{ name: 'q', in: 'query', content: { 'application/json': { schema: {} } } }]
    const { url } = requestOf('/', { parameters }, { q: { a: [1] } })
    expect(new URL(url).searchParams.get('q')).toBe('{"a":[1]}')
  })

  test('nothing is sent for null and for what is not given', () => {
    const parameters = ['a', 'b'].map(name => ({ name, in: 'query' }))
    expect(requestOf('/x', { parameters }, { a: null })).toEqual({ url: `${BASE}/x`, headers: {}, body: null })
  })

  test('a body in JSON, and one that is a form', () => {
    const body = (type: string, encoding = {}) => ({ requestBody: { content: { [type]: { schema: {}, encoding } } } })
    const value = { a: 'x&y', list: [1, 2], map: { k: 'v' }, none: null }
    const json = requestOf('/', body('application/merge-patch+json'), { body: value })
    expect([json.headers, json.body]).toEqual([
      { 'content-type': 'application/merge-patch+json' },
      JSON.stringify(value),
    ])
    const form = 'application/x-www-form-urlencoded'
    expect(requestOf('/', body(form), { body: value })).toMatchObject({
      headers: { 'content-type': form },
      body: 'a=x%26y&list=1&list=2&map=%7B%22k%22%3A%22v%22%7D',
    })
    const deep = requestOf('/', body(form, { map: { style: 'deepObject' } }), { body: { map: { k: 'v' } } })
    expect(deep.body).toBe('map%5Bk%5D=v')
    expect(() => requestOf('/', body(form), { body: 'text' })).toThrow('Invalid arguments')
  })
})

const ID = { parameters: [{ name: 'id', in: 'path', required: true }] }

describe('what arguments can’t do', () => {
  test.each([
    ['../admin', 'leads to another path'],
    ['..', 'leads to another path'],
    ['.', 'leads to another path'],
    ['%2e%2E', 'leads to another path'],
    ['a/../../b', 'leads to another path'],
    ['..\\admin', 'leads to another path'],
    ['', 'is empty'],
    [[], 'is empty'],
    [[''], 'is empty'],
    [{}, 'is empty'],
    [undefined, 'is missing'],
    [null, 'is missing'],
  ])('[OPENAPI-32] a path value %j is refused', (id, why) => {
    expect(() => requestOf('/orders/{id}', ID, id === undefined ? {} : { id })).toThrow(why)
  })

  test.each([
    ['a?b=c', 'a%3Fb%3Dc'],
    ['a#b', 'a%23b'],
    ['a/b', 'a%2Fb'],
    ['a%2Fb', 'a%252Fb'],
    ['a\r\nb\0', 'a%0D%0Ab%00'],
    ['Zoë 7', 'Zo%C3%AB%207'],
    ["it's (so)!*", 'it%27s%20%28so%29%21%2A'],
    ['\ud800', '%EF%BF%BD'],
  ])('[OPENAPI-30] a path value %j is nothing but a value', (id, written) => {
    expect(requestOf('/orders/{id}/lines', ID, { id }).url).toBe(`${BASE}/orders/${written}/lines`)
  })

  test('[OPENAPI-32] values that climb together are refused', () => {
    const parameters = ['a', 'b'].map(name => ({ name, in: 'path' }))
    expect(() => requestOf('/{a}{b}', { parameters }, { a: { '.': '.' }, b: 'x' })).toThrow('leads to another path')
    const label = [{ name: 'a', in: 'path', style: 'label' }]
    expect(() => requestOf('/{a}', { parameters: label }, { a: ['', ''] })).not.toThrow()
    expect(() => requestOf('/x{a}/y', { parameters: label }, { a: '.' })).toThrow('leads to another path')
    expect(() => requestOf('/{a}/y', { parameters: [{ ...label[0], explode: true }] }, { a: [''] })).toThrow(
      'lead to another path',
    )
  })

  test.each(['a\r\nX-Admin: yes', 'a\nb', 'a\0b', 'Ł', '😀'])('[OPENAPI-32] a header value %j is refused', value => {
    const parameters = [{ name: 'X-A', in: 'header' }]
    expect(() => requestOf('/', { parameters }, { 'X-A': value })).toThrow(
      "X-A has characters that a header can't have",
    )
  })

  test('[OPENAPI-30] whatever they are, the request goes to the same place, or nowhere', () => {
    const value = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 0xff_ff })).map(units => String.fromCharCode(...units)),
      fc.constantFrom('..', '.', '%2e', '/', '\\', '?', '#', '@evil.example', '//evil.example'),
      fc.jsonValue(),
    )
    const style = fc.constantFrom('simple', 'label', 'matrix')
    fc.assert(
      fc.property(value, value, style, fc.boolean(), (id, q, style, explode) => {
        const parameters = [
          { name: 'id', in: 'path', style, explode },
          { name: 'q', in: 'query', explode },
        ]
        let url: URL
        try {
          url = new URL(requestOf('/orders/{id}/lines', { parameters }, { id: id as Json, q: q as Json }).url)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ToolFailed' })
          return
        }
        expect(url.origin).toBe('http://api.example')
        expect(url.pathname).toMatch(/^\/v1\/orders\/[^/\\?#]+\/lines$/)
        expect(url.hash).toBe('')
      }),
      { numRuns: 150 },
    )
  })
})
