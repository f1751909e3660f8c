import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Servers and command lines that tests start need not compile everything anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

/** Tests that make themselves a page, by globals that no other file may see. */
const PAGES = [
  'packages/client/test/react/**/*.test.ts',
  'packages/server/test/team/page.test.ts',
  'test/agents-pages.test.ts',
]

export default defineConfig({
  test: {
    pool: 'threads',
    // Many tests wait for processes of their own, so that no core is needed for anything else.
    maxWorkers: '100%',
    testTimeout: 15_000,
    projects: [
      { extends: true, test: { name: 'pages', include: PAGES, isolate: true } },
      {
        extends: true,
        test: {
          name: 'all others',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: PAGES,
          // They share what they import: to load it for each file takes a sixth of the time. No test changes a module.
          isolate: false,
        },
      },
    ],
  },
})
