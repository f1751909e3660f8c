import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { downFrame } from '@parley/protocol/agents/down'
import { CLOSE, ERROR_TEXTS } from '@parley/protocol/agents/limits'
import { up } from '@parley/protocol/agents/up'
import { expect, test } from 'vitest'
import { families } from '../packages/server/src/http/agents/api.ts'
import { openaiFamily } from '../packages/server/src/http/openai/routes.ts'
import { createAgentsView } from '../packages/server/src/protocols/agents/view.ts'
import { TestClock, testModels, testTeam } from '../packages/server/test/world.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/protocols/agents.md'), 'utf8')
const examples = (who: string): string[] =>
  [...page.matchAll(/```json (\w+)\n([\s\S]*?)```/g)].flatMap(([, kind, text = '']) => (kind === who ? [text] : []))

test('[DOCS-3] every JSON example of the agents protocol is a frame of its side, and there is one for each', () => {
  const view = createAgentsView({ version: 'test', teams: [testTeam], models: testModels, clock: new TestClock() })
  const [client, server] = [examples('client'), examples('server')]
  expect(client.length + server.length).toBe(page.match(/^```json/gm)?.length ?? 0)
  const types = client.map(text => {
    expect(view.decode(text), text).not.toMatchObject({ state: 'reject' })
    return JSON.parse(text).type ?? 'message'
  })
  expect(new Set(types)).toEqual(new Set(Object.keys(up)))
  const frames = server.map(text => JSON.parse(text))
  for (const frame of frames) expect(downFrame.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined()
  for (const schema of downFrame.options) expect(frames.some(frame => schema.safeParse(frame).success)).toBe(true)
})

test('[DOCS-4] the page of the agents protocol names every endpoint, error and close code', () => {
  const endpoints = [...families, openaiFamily].flatMap(family => family.endpoints)
  for (const { method, path } of endpoints) expect(page).toContain(`\`${method} ${path}\``)
  for (const [code, text] of Object.entries(ERROR_TEXTS)) expect(page).toContain(`| \`${code}\` | \`${text}`)
  for (const [code, reason] of Object.values(CLOSE)) expect(page).toContain(`| ${code} | \`${reason}\` |`)
})
