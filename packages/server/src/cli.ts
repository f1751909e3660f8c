import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Answer, type Command, table } from './cli/command.ts'
import { dataCommands } from './cli/data.ts'
import { settingsCommand } from './cli/settings.ts'
import { roleOf, userCommands } from './cli/users.ts'
import { loadSettings } from './config.ts'
import { Refused } from './core/refusals.ts'
import { words } from './protocols/token-bowl/words.ts'
import { fail } from './start/fail.ts'
import { OperatorFault } from './system/fault.ts'

const COMMANDS: readonly Command[] = [...userCommands, ...dataCommands, settingsCommand]

const OPTIONS = {
  role: { type: 'string' },
  email: { type: 'string' },
  data: { type: 'string' },
  'env-file': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const usage = ({ words, takes, options = [] }: Command): string =>
  [...words, ...takes, ...options.map(name => `[--${name} ${name.toUpperCase()}]`)].join(' ')

const HELP = `Usage: npm run parley -- COMMAND [OPTIONS]

${table(COMMANDS.map(command => [`  ${usage(command)}`, command.says]))}

Options:
  --data DIR       the data directory; otherwise DATA_DIR, as the server reads it
  --env-file FILE  the settings file; otherwise .env
  --json           prints JSON for programs (with npm run --silent)

Everything works beside a running server, which follows within seconds, and without one.
NAME is a name or an id. Run it as the user that runs the server.
`

/** What the command line asks for. Exits with 2 when that is nothing it knows. */
function understand() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
    if (values.help || positionals.length === 0 || positionals[0] === 'help') return say(HELP)
    const command = COMMANDS.find(({ words }) => words.every((word, i) => positionals[i] === word))
    if (!command) return misuse(`There is no command ${positionals.join(' ')}.`)
    const given = positionals.slice(command.words.length)
    if (given.length !== command.takes.length) return misuse(`It has to be: ${usage(command)}`)
    const { role, email } = values
    for (const name of ['role', 'email'] as const) {
      if (values[name] !== undefined && !command.options?.includes(name))
        return misuse(`It has to be: ${usage(command)}`)
    }
    return { command, given, values, options: { email, role: role === undefined ? undefined : roleOf(role) } }
  } catch (error) {
    return misuse(error instanceof Error ? error.message : String(error))
  }
}

function say(text: string): never {
  process.stdout.write(text)
  process.exit(0)
}

function misuse(text: string): never {
  process.stderr.write(`${text}\nWhat there is: npm run parley -- --help\n`)
  process.exit(2)
}

async function answer(): Promise<{ answer: Answer; json: boolean }> {
  const { command, given, values, options } = understand()
  const { settings, warnings } = loadSettings(process.env, values['env-file'])
  for (const warning of warnings) process.stderr.write(`${warning}\n`)
  const directory = resolve(values.data ?? settings.DATA_DIR)
  return { answer: await command.run({ settings, directory }, given, options), json: values.json }
}

try {
  const { answer: said, json } = await answer()
  process.stdout.write(json ? `${JSON.stringify(said.data, null, 2)}\n` : said.text.replace(/\n?$/, '\n'))
  process.exitCode = said.ok === false ? 1 : 0
} catch (error) {
  fail('That did not work.', error instanceof Refused ? new OperatorFault(words(error.refusal)) : error)
}
