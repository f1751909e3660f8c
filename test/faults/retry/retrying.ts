import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { repeatsAreOne } from '../checker/retries.ts'
import type { Violation } from '../checker/violation.ts'
import { newPlace } from '../place.ts'
import { type Plant, withPlant } from '../planted/plants.ts'
import { seeded } from '../random.ts'
import { readDatabase } from '../snapshot.ts'

const APPENDER = fileURLToPath(new URL('./appender.ts', import.meta.url))
/** Longest time between the first answer of a process and its end, in milliseconds. */
const WORK = 100
/** Answered messages that the next process sends again all the same: their answer may have been lost on its way. */
const SURE = 16

export interface Retried {
  readonly violations: readonly Violation[]
  readonly messages: number
  readonly repeats: number
}

/** Kills a process that stores messages with names, has the next one repeat what got no answer, and so on. */
export async function retry(options: { seed: number; kills: number; plant?: Plant }): Promise<Retried> {
  using place = await newPlace()
  const { directory } = place.server
  mkdirSync(directory)
  const random = seeded(options.seed)
  const answers = new Map<string, Set<string>>()
  const asked: number[] = []
  let repeats = 0
  for (let kill = 0; kill < options.kills; kill++) {
    const unsure = asked.filter(name => answers.get(keyFor(name))?.size === 0)
    const repeat = kill === 0 ? [] : [...unsure, ...asked.slice(-SURE - unsure.length, -unsure.length || undefined)]
    repeats += repeat.length
    await append(directory, options.plant, [Math.max(0, ...asked) + 1, ...repeat], random.below(WORK), (name, id) => {
      if (!answers.has(keyFor(name))) {
        answers.set(keyFor(name), new Set())
        asked.push(name)
      }
      if (id) answers.get(keyFor(name))?.add(id)
    })
  }
  const { messages } = readDatabase(join(directory, 'parley.db'))
  return { violations: repeatsAreOne(answers, messages), messages: answers.size, repeats }
}

const keyFor = (name: number): string => `message.${name}`

/** One process, killed `work` milliseconds after its first answer. */
async function append(
  directory: string,
  plant: Plant | undefined,
  numbers: readonly number[],
  work: number,
  hear: (name: number, id: string | undefined) => void,
): Promise<void> {
  const child = spawn(process.execPath, [...withPlant(plant), APPENDER, directory, ...numbers.map(String)], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  const lines = createInterface({ input: child.stdout })
  const answered = new Promise<void>(resolve => {
    lines.on('line', line => {
      const [sign, name, id] = line.split(' ')
      hear(Number(name), id)
      if (sign === '!') resolve()
    })
  })
  const read = new Promise(resolve => lines.once('close', resolve))
  await Promise.race([answered, ended])
  await pause(work)
  child.kill('SIGKILL')
  await Promise.all([ended, read])
}
