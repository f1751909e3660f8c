import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as sdk from '@parley/client'
import { downFrame, typedDownFrame } from '@parley/protocol/token-bowl/down'
import { CLOSE, TEXTS } from '@parley/protocol/token-bowl/limits'
import { messageResponse } from '@parley/protocol/token-bowl/messages'
import { up } from '@parley/protocol/token-bowl/up'
import { expect, test } from 'vitest'
import { serverFamily } from '../packages/server/src/http/operations.ts'
import { families } from '../packages/server/src/http/token-bowl/api.ts'
import { decode } from '../packages/server/src/protocols/token-bowl/decode.ts'
import { reference } from '../scripts/reference.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/protocols/token-bowl.md'), 'utf8')

/** The JSON examples whose fence says `json` and then `who`. */
function examples(who: string): { about: string; text: string }[] {
  const fences = page.matchAll(/```json (\w+) ?(.*)\n([\s\S]*?)```/g)
  return [...fences].flatMap(([, kind, about = '', text = '']) => (kind === who ? [{ about, text }] : []))
}

const endpoints = [...families, serverFamily].flatMap(family => family.endpoints)

test('[DOCS-3] every example of a frame is understood by the server, and there is one for each frame', () => {
  const types = examples('client').map(({ text }) => {
    expect(decode(text), text).not.toMatchObject({ state: 'reject' })
    return JSON.parse(text).type ?? 'message'
  })
  expect(new Set(types)).toEqual(new Set(Object.keys(up)))
})

test('[DOCS-3] every example of a frame of the server is one, and there is one for each', () => {
  const frames = examples('server').map(({ text }) => JSON.parse(text))
  for (const frame of frames) expect(downFrame.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined()
  for (const schema of [messageResponse, ...typedDownFrame.options]) {
    const found = frames.some(frame => schema.safeParse(frame).success)
    expect(found, Object.keys(schema.shape).join(', ')).toBe(true)
  }
})

test('[DOCS-3] every example of a request or an answer is one of its endpoint', () => {
  for (const kind of ['request', 'answer'] as const) {
    const found = examples(kind)
    expect(found.length).toBeGreaterThan(0)
    for (const { about, text } of found) {
      const endpoint = endpoints.find(({ method, path }) => `${method} ${path}` === about)
      const schema = kind === 'request' ? endpoint?.body : endpoint?.answer
      if (schema === 'bytes') throw new Error(`${about} answers no JSON`)
      expect(schema?.safeParse(JSON.parse(text)), about).toMatchObject({ success: true })
    }
  }
})

test('[DOCS-3] every JSON example says whose it is', () => {
  const kinds = ['client', 'server', 'request', 'answer'].flatMap(examples)
  expect(kinds).toHaveLength(page.match(/^```json/gm)?.length ?? 0)
})

test('[DOCS-4] the page names every endpoint and no other', () => {
  const named = [...page.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)`/gm)].map(([, name]) => name)
  expect(named.toSorted()).toEqual(endpoints.map(({ method, path }) => `${method} ${path}`).toSorted())
})

test('[DOCS-4] the page names every close code of the server and every fixed text of an error frame', () => {
  for (const code of Object.values(CLOSE)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
  const ofHttpAlone: string[] = [TEXTS.notFound, TEXTS.methodNotAllowed, TEXTS.unauthenticated, TEXTS.adminRequired]
  for (const text of Object.values(TEXTS)) if (!ofHttpAlone.includes(text)) expect(page).toContain(`\`${text}\``)
})

test('[DOCS-5] the SDK reference is what the sources say', async () => {
  const path = join(import.meta.dirname, '../docs/sdk/reference.md')
  expect(readFileSync(path, 'utf8'), 'run: node scripts/reference.ts > docs/sdk/reference.md').toBe(await reference())
})

test('[DOCS-5] the SDK reference has a heading for everything exported, and for every method', async () => {
  const headings = new Set(
    (await reference()).match(/^#+ .*|^\| `\w+`/gm)?.map(line => line.replace(/^[#| `]+|`$/g, '')),
  )
  for (const name of ['MessageResponse', 'TokenBowlHandlers']) expect(headings).toContain(name)
  for (const name of Object.keys(sdk)) if (name !== 'AsyncTokenBowlClient') expect(headings).toContain(name)
  for (const { prototype } of [sdk.TokenBowlClient, sdk.TokenBowlWebSocket]) {
    for (const name of Object.getOwnPropertyNames(prototype)) expect(headings).toContain(name)
  }
})
