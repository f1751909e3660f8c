import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Servers and command lines that tests start need not compile everything anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    // Files of one thread share what they import: to load it for each takes a sixth of the time. No test changes a module.
    isolate: false,
    // Many tests wait for processes of their own, so that no core is needed for anything else.
    maxWorkers: '100%',
    testTimeout: 15_000,
  },
})
