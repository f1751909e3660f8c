import { existsSync } from 'node:fs'
import { test } from 'vitest'

/**
 * `test` for tests that run programs of the system. Where one is missing the test says so loudly; with
 * PARLEY_REQUIRE_ALL=1, as in CI, it fails.
 */
export function needs(...programs: readonly string[]): (name: string, run: () => Promise<void>) => void {
  const folders = (process.env.PATH ?? '').split(':')
  const missing = programs.filter(program => !folders.some(folder => existsSync(`${folder}/${program}`)))
  if (missing.length === 0) return (name, run) => test(name, run)
  return name =>
    test(name, context => {
      const text = `SKIPPED, because this machine has no ${missing.join(' and no ')}: ${name}`
      if (process.env.PARLEY_REQUIRE_ALL === '1') throw new Error(text)
      console.warn(text)
      context.skip(text)
    })
}
