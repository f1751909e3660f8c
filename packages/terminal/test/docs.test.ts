import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS as ASSISTANT } from '../src/assistant/commands.ts'
import { EXIT } from '../src/ends.ts'
import { HELP } from '../src/options.ts'
import { COMMANDS } from '../src/room/commands.ts'

const page = readFileSync(new URL('../../../docs/terminal.md', import.meta.url), 'utf8')

test('[TERM-40] the page names every option, command and exit code', () => {
  const options = new Set(HELP.match(/--[a-z-]{3,}/g))
  expect(options.size).toBeGreaterThan(20)
  for (const option of options) expect(page).toContain(`\`${option}`)
  for (const [name, { usage }] of Object.entries(COMMANDS))
    expect(page).toContain(`\`/${name} ${usage.replace('|', '\\|')}`.trimEnd())
  for (const name of ASSISTANT) expect(page).toContain(`\`/${name}\``)
  for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})
