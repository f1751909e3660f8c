import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const examples = globSync('examples/*.ts', { cwd: root, exclude: ['examples/run.ts'] }).sort()
const LIMIT = 60_000

/** Runs a script and waits for its end; one that takes too long is ended. */
async function run(script: string, ...args: string[]): Promise<{ exit: number | string; output: string }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled') }
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env, timeout: LIMIT - 5_000 })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (output += text))
  const [code, signal] = await once(child, 'close')
  return { exit: code ?? signal, output }
}

async function passes(script: string): Promise<void> {
  const { exit, output } = await run(script)
  expect(exit, output).toBe(0)
}

describe.concurrent('examples', () => {
  test.each(examples)('[DOCS-1] %s does what it says', { timeout: LIMIT }, passes)

  test('[DOCS-1] an example that does something else fails', { timeout: LIMIT }, async () => {
    const { exit, output } = await run('test/fixture/untrue-example.ts')
    expect(exit).toBe(1)
    expect(output).toContain('the program ended with 0 and never printed something else')
  })

  pythonTest('[DOCS-1] the Python pair does what it says', () => passes('examples/python/check.ts'))
})

test('[DOCS-2] examples/README.md lists every example', () => {
  const readme = readFileSync(join(root, 'examples/README.md'), 'utf8')
  expect(examples.length).toBeGreaterThan(20)
  for (const file of examples) expect(readme).toContain(`[${basename(file, '.ts')}](${basename(file)})`)
})

test('[DOCS-2] an unknown name gets the list of examples', async () => {
  const { exit, output } = await run('examples/run.ts', 'nothing-like-this')
  expect(exit).toBe(2)
  for (const file of examples) expect(output).toContain(`  ${basename(file, '.ts')} `)
})

/** A test for machines with Debian's python3-websockets. Without it the test says so, or fails with PARLEY_REQUIRE_ALL=1. */
function pythonTest(name: string, body: () => Promise<void>): void {
  const found: SpawnSyncReturns<Buffer> = spawnSync('/usr/bin/python3', ['-c', 'import websockets'])
  test(name, { timeout: LIMIT }, async context => {
    if (found.status === 0) return body()
    const text = `SKIPPED, because /usr/bin/python3 has no websockets (Debian: python3-websockets): ${name}`
    if (process.env.PARLEY_REQUIRE_ALL === '1') throw new Error(text)
    console.warn(text)
    context.skip(text)
  })
}
