#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { type Credentials, chatPlaceOf } from '@parley/client/chat'
import { interactive as talkInteractive, plain as talkPlain } from './assistant/faces.ts'
import { runAssistant } from './assistant/run.ts'
import { Ending, EXIT, type Exit } from './ends.ts'
import { type AssistantOptions, HELP, type Options, type RoomOptions, readOptions } from './options.ts'
import type { Face } from './room/face.ts'
import { interactive } from './room/interactive.ts'
import { json, plain } from './room/lines.ts'
import { endingOf, runRoom } from './room/run.ts'
import { credentialsOf, signIn } from './room/sign-in.ts'
import { askSecret } from './screen/terminal.ts'

const { stdin, stdout, stderr } = process

function run(options: Options): Promise<Exit> | Exit {
  switch (options.mode) {
    case 'help':
      stdout.write(HELP)
      return EXIT.ok
    case 'version':
      stdout.write(`${version()}\n`)
      return EXIT.ok
    case 'room':
      return roomMode(options)
    case 'assistant':
      return runAssistant(options, assistantFace(options))
    default:
      return options satisfies never
  }
}

/** The contract of every package.json. */
const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

async function roomMode(options: RoomOptions): Promise<Exit> {
  const credentials = await credentialsFor(options)
  return runRoom({ ...options, credentials }, () => faceOf(options))
}

function faceOf({ face, isColoured }: RoomOptions): Face {
  const write = (text: string) => void stdout.write(text)
  if (face === 'json') return json(stdin, write)
  if (face === 'plain' || !stdin.isTTY || !stdout.isTTY || process.env.TERM === 'dumb') return plain(stdin, write)
  return interactive({ input: stdin, output: stdout, isColoured })
}

function assistantFace({ isPlain, isDemo, isColoured }: AssistantOptions) {
  const isTerminal = stdin.isTTY && stdout.isTTY && process.env.TERM !== 'dumb'
  if (isPlain || isDemo || !isTerminal) return talkPlain(stdin, text => void stdout.write(text))
  return talkInteractive(stdin, stdout, isColoured)
}

/** What was given, or what the user types: never shown. */
async function credentialsFor({ url, token, apiKey, username }: RoomOptions): Promise<Credentials> {
  if (token !== undefined) return { token }
  if (apiKey !== undefined) return { apiKey }
  if (!stdin.isTTY) throw new Ending(EXIT.usage, 'Give --token or --api-key, or set PARLEY_TOKEN or PARLEY_API_KEY')
  if (username === undefined) return credentialsOf(await secret('Token or API key: '))
  const password = await secret(`Password of ${username}: `)
  try {
    return { token: await signIn(chatPlaceOf(url).http, username, password) }
  } catch (error) {
    throw endingOf(error)
  }
}

async function secret(question: string): Promise<string> {
  const answer = await askSecret(question, stdin, stderr)
  if (!answer?.trim()) throw new Ending(EXIT.usage, 'Nothing was given')
  return answer
}

/** Whoever reads the output may go. */
stdout.on('error', () => process.exit(EXIT.ok))
try {
  process.exitCode = await run(readOptions(process.argv.slice(2), process.env))
} catch (error) {
  if (!(error instanceof Ending)) throw error
  stderr.write(`Error: ${error.message}\n`)
  process.exitCode = error.code
}
// Nothing is left to be done: a signal or a timer of somebody's must not keep the program.
stdin.unref?.()
