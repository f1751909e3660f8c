import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCUMENTED_CODES } from '@parley/protocol/rooms/codes'
import { CLOSE, FILE_EXTENSIONS, TEXTS, UPLOAD_TEXTS } from '@parley/protocol/rooms/limits'
import { expect, test } from 'vitest'
import { families } from '../packages/server/src/http/rooms/api.ts'
import { examplesOf } from '../scripts/asyncapi/examples.ts'
import { frames, isOf } from '../scripts/asyncapi.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/protocols/rooms.md'), 'utf8')
const examples = examplesOf(page)

test('[DOCS-3] every JSON example of rooms says whose it is, and is a frame of that side and level', () => {
  expect(examples).toHaveLength(page.match(/^```json/gm)?.length ?? 0)
  for (const { from, level, frame } of examples) {
    const found = frames().some(
      one => one.level === level && 'type' in one.frame === (from === 'client') && isOf(one.frame, frame),
    )
    expect(found, JSON.stringify(frame)).toBe(true)
  }
})

test('[DOCS-4] the page of rooms names every endpoint there is, and none that is not', () => {
  const named = [...page.matchAll(/^\| `((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`/gm)].map(([, name]) => name)
  const served = families.flatMap(({ endpoints }) => endpoints.map(({ method, path }) => `${method} ${path}`))
  expect(named.toSorted()).toEqual(served.toSorted())
})

test('[DOCS-4] the page of rooms names every close code, every documented code and every fixed text of a frame', () => {
  for (const code of Object.values(CLOSE)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
  for (const code of DOCUMENTED_CODES) expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'))
  const ofHttpAlone: string[] = [
    ...[TEXTS.roomExists, TEXTS.roomTypeInvalid, TEXTS.forbidden, TEXTS.adminRequired],
    ...[TEXTS.connectionUnknown, TEXTS.roomDeleted],
  ]
  for (const text of [...Object.values(TEXTS), ...Object.values(UPLOAD_TEXTS)])
    if (!ofHttpAlone.includes(text)) expect(page).toContain(`\`${text}`)
})

test('[DOCS-4] the page of rooms names every type of file', () => {
  const row = page.match(/^\| file types \| (.*) \|$/m)?.[1]?.split(/[ ·]+/)
  expect(row).toEqual([...FILE_EXTENSIONS])
})
