import type { z } from 'zod'
import { type About, about } from './kinds.ts'
import { GROUPS } from './settings.ts'

/** The settings as a page for people: `docs/settings.md`. */
export function settingsPage(): string {
  return `${[INTRODUCTION, ...groups().map(section)].join('\n\n')}\n`
}

/** The settings as a file to start from: `.env.example`. Every line that sets something is commented out. */
export function settingsFile(): string {
  const head =
    '# Settings of Parley. Copy this file to .env and take the # away from what you change. All of it: docs/settings.md'
  return `${[head, ...groups().map(example)].join('\n\n')}\n`
}

const INTRODUCTION = `# Settings

This page is made from the settings themselves: \`npm run --silent parley -- settings page > docs/settings.md\`.

A setting comes from the environment, else from the file \`.env\` in the directory where the server is started, else it has
its default. \`ENV_FILE\` or \`--env-file\` name another file. An empty value counts as none. The settings are read once, at the
start: a wrong one ends the start with a line that says what is allowed, and a name that looks mistyped gets a warning.

The file is \`NAME=value\`, a line each. \`#\` begins a comment, after a value too, so a value that holds a \`#\` needs quotes. Times are
whole seconds, sizes are bytes, rates are \`count/seconds\`, lists are separated by commas, and what can be on or off is
\`true\` or \`false\` (\`yes\`, \`no\`, \`on\`, \`off\`, \`1\` and \`0\` do as well).`

interface Named extends About {
  readonly name: string
}

const groups = (): readonly (readonly [string, readonly Named[]])[] =>
  Object.entries(GROUPS).map(([title, group]) => [title, Object.entries(group).map(named)])

function named([name, schema]: [string, z.ZodType]): Named {
  const known = about.get(schema)
  if (!known) throw new Error(`${name} says nothing about itself`)
  return { name, ...known }
}

const section = ([title, settings]: readonly [string, readonly Named[]]): string =>
  [
    `## ${title}`,
    '',
    '| name | default | allowed | what it does |',
    '| --- | --- | --- | --- |',
    ...settings.map(row),
  ].join('\n')

const row = ({ name, initial, allowed, description }: Named): string =>
  `| \`${name}\` | ${initial ? `\`${initial}\`` : 'none'} | ${allowed.replaceAll('|', '\\|')} | ${description} |`

const example = ([title, settings]: readonly [string, readonly Named[]]): string =>
  [`# --- ${title} ---`, ...settings.map(entry)].join('\n')

const entry = ({ name, initial, allowed }: Named): string => `# ${name}=${initial ?? ''}  # ${allowed}`
