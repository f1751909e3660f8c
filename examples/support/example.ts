import { basename } from 'node:path'
import { TokenBowlError } from '@parley/client'
import { ChatError } from '@parley/client/chat'
import { onStage, type Stage, type StageOptions } from './stage.ts'

/**
 * Runs an example. With `--live` that is `main`, against the server that the environment names. Otherwise it is `check`, which
 * gets a server of its own, starts this file with `--live` as a program, plays the other people, and throws where it does
 * not go as it should.
 */
export async function example(
  { filename }: ImportMeta,
  main: () => Promise<void>,
  check: (stage: Stage) => Promise<void>,
  { settings }: Pick<StageOptions, 'settings'> = {},
): Promise<void> {
  if (process.argv.includes('--live')) return live(main)
  const command = [process.execPath, filename, '--live']
  await onStage({ name: basename(filename, '.ts'), command, settings }, check)
}

/** What is wrong for a reason known to the SDK is said in a line, without a stack. */
async function live(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof TokenBowlError || error instanceof ChatError)) throw error
    console.error(`${error.name}: ${error.message}`)
    process.exitCode = 1
  }
}
