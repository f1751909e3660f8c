import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recountOf } from './store-recount.ts'
import type { OpenStore } from './store-world.ts'

/** One thing that somebody does. Numbers pick among whoever and whatever is there at that moment. */
export type Step =
  | {
      readonly do: 'send'
      readonly by: number
      readonly to: number
      readonly retry: number | null
      readonly late: number
      /** The conversation it names. */
      readonly in: number | null
    }
  | { readonly do: 'edit' | 'delete'; readonly which: number }
  /** Sends a message that an agent is to answer. */
  | { readonly do: 'ask'; readonly by: number; readonly to: number; readonly agent: number }
  | { readonly do: 'say' | 'finish'; readonly which: number }
  | { readonly do: 'mark'; readonly by: number; readonly which: number }
  | { readonly do: 'mark room'; readonly by: number; readonly to: number; readonly part: number | null }
  | { readonly do: 'join' }
  | { readonly do: 'leave'; readonly who: number }
  | { readonly do: 'open'; readonly by: number; readonly with: number }
  | { readonly do: 'make'; readonly by: number; readonly kind: number }
  | { readonly do: 'enter'; readonly by: number; readonly to: number }
  | { readonly do: 'exit'; readonly by: number; readonly to: number }
  | { readonly do: 'end'; readonly which: number }
  /** Opens a conversation, in a private room or in one of its own. */
  | { readonly do: 'talk'; readonly by: number; readonly in: number | null }
  | { readonly do: 'erase'; readonly to: number; readonly limit: number }
  | { readonly do: 'trim'; readonly to: number; readonly keep: number; readonly limit: number }

const some = fc.nat({ max: 1_000 })
const newest = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 12 }) }, { weight: 1, arbitrary: some })

// Mostly the same few, so that the same people come, read and go in the same rooms.
const few = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: some })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 300,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      by: few,
      to: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: few }),
      retry: fc.option(fc.nat({ max: 3 }), { freq: 4 }),
      late: fc.integer({ min: -2_000, max: 1_500 }),
      in: fc.option(some, { freq: 1 }),
    }),
  },
  { weight: 80, arbitrary: fc.record({ do: fc.constant('ask' as const), by: few, to: few, agent: few }) },
  { weight: 160, arbitrary: fc.record({ do: fc.constantFrom('say' as const, 'finish' as const), which: newest }) },
  { weight: 200, arbitrary: fc.record({ do: fc.constantFrom('edit' as const, 'delete' as const), which: newest }) },
  { weight: 800, arbitrary: fc.record({ do: fc.constant('mark' as const), by: few, which: newest }) },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('mark room' as const),
      by: few,
      to: few,
      part: fc.option(fc.double({ min: 0, max: 1.2, noNaN: true }), { freq: 3 }),
    }),
  },
  { weight: 100, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
  { weight: 30, arbitrary: fc.record({ do: fc.constant('leave' as const), who: some }) },
  { weight: 100, arbitrary: fc.record({ do: fc.constant('open' as const), by: some, with: some }) },
  { weight: 60, arbitrary: fc.record({ do: fc.constant('make' as const), by: few, kind: fc.nat({ max: 2 }) }) },
  { weight: 200, arbitrary: fc.record({ do: fc.constant('enter' as const), by: few, to: few }) },
  { weight: 100, arbitrary: fc.record({ do: fc.constant('exit' as const), by: few, to: few }) },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('end' as const), which: some }) },
  {
    weight: 40,
    arbitrary: fc.record({ do: fc.constant('talk' as const), by: few, in: fc.option(some, { freq: 3 }) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({ do: fc.constant('erase' as const), to: some, limit: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('trim' as const),
      to: fc.oneof(fc.constant(0), some),
      keep: fc.nat({ max: 15 }),
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  },
)

interface Group {
  readonly steps: readonly Step[]
  readonly after: 'carry on' | 'reopen' | 'crash'
}

const group: fc.Arbitrary<Group> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
  after: fc.oneof(
    { weight: 12, arbitrary: fc.constant('carry on' as const) },
    { weight: 1, arbitrary: fc.constantFrom('reopen' as const, 'crash' as const) },
  ),
})

/** Tries `runs` histories. `STORE_SEED` picks others than the usual. */
export function modelRules(open: OpenStore, runs: number): void {
  test('[STORE-49] after any mix of writes, restarts and crashes the store agrees with a recount from its log', async () => {
    const histories = fc.array(group, { minLength: 10, maxLength: 30 })
    const property = fc.asyncProperty(histories, groups => live(open, groups))
    await fc.assert(property, { seed: Number(process.env.STORE_SEED ?? 2024), numRuns: runs })
    expect.hasAssertions()
  }, 60_000)
}

async function live(open: OpenStore, groups: readonly Group[]): Promise<void> {
  const under = await open()
  try {
    let recount = await recountOf(under.store)
    for (const { steps, after } of groups) {
      await recount.commit(steps)
      await recount.check()
      const again = after === 'reopen' ? await under.reopen?.() : after === 'crash' ? await under.crash?.() : undefined
      if (again) recount = recount.on(again)
    }
    await recount.checkReceipts()
  } finally {
    await under.close()
  }
}
