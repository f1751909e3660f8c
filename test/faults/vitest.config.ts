import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Servers need not compile everything anew at each start.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))

/** What `npm run faults` runs: the long ones, one after the other, for they need the machine for themselves. */
export default defineConfig({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  test: {
    include: ['test/faults/**/*.faults.ts', 'test/faults/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    disableConsoleIntercept: true,
  },
})
