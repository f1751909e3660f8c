import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type OutputChunk, rolldown } from 'rolldown'
import { expect, test } from 'vitest'

const entryOf = (name: string) => fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))

/** What a browser would load, minified. With `code`, what it would load if the entry said that. */
async function bundle(name: string, code?: string): Promise<OutputChunk> {
  const input = entryOf(name)
  const entry = { name: 'entry', load: (id: string) => (id === input ? code : undefined) }
  const build = await rolldown({ input, platform: 'browser', logLevel: 'silent', plugins: [entry], external: 'react' })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  return output[0]
}

/** Modules in the bundle, or left for somebody else to load, that a browser must not see. */
const foreign = ({ modules, imports, dynamicImports }: OutputChunk): string[] => [
  ...Object.keys(modules).filter(
    path => !/\/packages\/(client\/src|protocol\/src\/(([\w-]+\/)+limits|errors|code-points))\b/.test(path),
  ),
  ...imports,
  ...dynamicImports,
]

test.each([
  ['index', 15, 10_000],
  ['chat/index', 25, 18_000],
  ['rooms/index', 8, 6_000],
  ['assistant/index', 4, 4_000],
  ['agents/index', 8, 5_500],
])('[CLIENT-40] the browser bundle of %s has our own modules only, and stays small', async (name, modules, bytes) => {
  const chunk = await bundle(name)
  expect(Object.keys(chunk.modules).length).toBeGreaterThan(modules)
  expect(foreign(chunk)).toEqual([])
  expect(builtinModules.filter(name => chunk.code.includes(`node:${name}`))).toEqual([])
  expect(gzipSync(chunk.code).length).toBeLessThan(bytes)
})

test('[CLIENT-40] the hooks leave React to the page, and bring no client of rooms along', async () => {
  const chunk = await bundle('react/index')
  expect(foreign(chunk)).toEqual(['react'])
  expect(Object.keys(chunk.modules).filter(path => path.includes('/chat/'))).toEqual([])
  expect(gzipSync(chunk.code).length).toBeLessThan(9_000)
})

test('[CLIENT-40] of the hooks a page loads those it uses', async () => {
  const [all, one] = await Promise.all([
    bundle('react/index'),
    bundle('index', "export { useTyping } from './react/index.ts'"),
  ])
  expect(one.code.length).toBeLessThan(all.code.length / 3)
})

test('[CLIENT-40] the check notices a Node built-in and a validator', async () => {
  const chunk = await bundle(
    'index',
    `
    export { readFileSync } from 'node:fs'
    export { messageResponse } from '@parley/protocol/token-bowl/messages'
  `,
  )
  expect(foreign(chunk)).toContainEqual(expect.stringMatching(/\/zod\//))
  expect(foreign(chunk)).toContain('node:fs')
})
