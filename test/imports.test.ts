import { expect, test } from 'vitest'
import { fault, importsOf } from '../scripts/imports.ts'

const from = (file: string, source: string) => importsOf(file, source).flatMap(found => fault(found) ?? [])

test('[LAYOUT-1] core imports nothing outside core, not even a type or a package', () => {
  const file = 'packages/server/src/core/core.ts'
  expect(from(file, "import { a } from './a.ts'; export { b } from './b.ts'")).toEqual([])
  expect(from(file, "import type { View } from '../protocols/view.ts'")).toHaveLength(1)
  expect(from(file, "export * from '../sessions/session.ts'")).toHaveLength(1)
  expect(from(file, "const { z } = await import('zod')")).toHaveLength(1)
  expect(from(file, "import { now } from 'node:perf_hooks'")).toHaveLength(1)
})

test('[LAYOUT-2] imports go down the layers, and sibling protocols never meet', () => {
  expect(from('packages/server/src/sessions/a.ts', "import '../http/b.ts'")).toHaveLength(1)
  expect(from('packages/server/src/http/a.ts', "import '../sessions/b.ts'")).toEqual([])
  expect(from('packages/server/src/protocols/token-bowl/a.ts', "import '../rooms/b.ts'")).toHaveLength(1)
  expect(from('packages/server/src/stores/sqlite/a.ts', "import '../../brokers/b.ts'")).toHaveLength(1)
})

test('[LAYOUT-3] the SDK takes from the protocol package and from nowhere else', () => {
  const file = 'packages/client/src/a.ts'
  expect(from(file, "import type { A } from '@parley/protocol/token-bowl/messages'")).toEqual([])
  expect(from(file, "import '@parley/server'")).toHaveLength(1)
  expect(from(file, "import 'node:fs'")).toHaveLength(1)
  expect(from(file, "import 'zod'")).toHaveLength(1)
})
