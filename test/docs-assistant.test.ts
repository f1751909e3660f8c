import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downFrame } from '@parley/protocol/assistant/down'
import { AUTH_TYPES, CLOSE, PATHS, PREFIXES, TEXTS } from '@parley/protocol/assistant/limits'
import { up } from '@parley/protocol/assistant/up'
import { expect, test } from 'vitest'
import { assistantFamily } from '../packages/server/src/http/assistant/routes.ts'
import { createAssistant } from '../packages/server/src/protocols/assistant/view.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/protocols/assistant.md'), 'utf8')

const examples = (who: string): string[] =>
  [...page.matchAll(/```json (\w+)\n([\s\S]*?)```/g)].flatMap(([, kind, text = '']) => (kind === who ? [text] : []))

test('[DOCS-3] every JSON example of the assistant is a frame of its side, and there is one for each', () => {
  const { view } = createAssistant({ isProofRequired: false, authTypes: AUTH_TYPES })
  const [client, server] = [examples('client'), examples('server')]
  expect(client.length + server.length).toBe(page.match(/^```json/gm)?.length ?? 0)
  const types = client.map(text => {
    expect(view.decode(text), text).not.toMatchObject({ state: 'reject' })
    return JSON.parse(text).type ?? 'chat'
  })
  expect(new Set(types)).toEqual(new Set(Object.keys(up)))
  const frames = server.map(text => JSON.parse(text))
  for (const frame of frames) expect(downFrame.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined()
  for (const schema of downFrame.options)
    expect(
      frames.some(frame => schema.safeParse(frame).success),
      Object.keys(schema.shape).join(),
    ).toBe(true)
})

test('[DOCS-4] the page of the assistant names every endpoint, path, fixed text and close code', () => {
  for (const { method, path } of assistantFamily.endpoints) expect(page).toContain(`\`${method} ${path}\``)
  for (const text of [...PATHS, ...AUTH_TYPES, ...Object.values(TEXTS), ...Object.values(PREFIXES)])
    expect(page).toContain(text.replace(/ $/, ''))
  for (const [code, reason] of Object.values(CLOSE)) expect(page).toContain(`| ${code} | \`${reason}\` |`)
})
