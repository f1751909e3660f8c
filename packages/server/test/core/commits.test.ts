import { expect, test } from 'vitest'
import { Commits, type CommitWaiter } from '../../src/core/commits.ts'
import { type Store, StoreFailed } from '../../src/core/ports/store.ts'
import type { Outcome, Write } from '../../src/core/ports/writes.ts'
import { until } from '../world.ts'

/** A store of which a test decides when and how each transaction ends. */
function slowStore() {
  const open: { writes: readonly Write[]; end(result: 'done' | Error): void }[] = []
  const commit = (writes: readonly Write[]) =>
    new Promise<readonly Outcome[]>((resolve, reject) => {
      const end = (result: 'done' | Error) => {
        open.shift()
        if (result === 'done') resolve(writes.map(() => ({ state: 'done', value: {} })))
        else reject(result)
      }
      open.push({ writes, end })
    })
  // Group commit needs nothing of a store but this.
  return { open, store: { commit } as unknown as Store }
}

interface Scene {
  readonly commits: Commits
  readonly open: ReturnType<typeof slowStore>['open']
  /** What was told, in order: names of writes, and `group` when one had been told completely. */
  readonly told: string[]
  readonly faults: unknown[]
  add(name: string): void
}

function scene(): Scene {
  const { open, store } = slowStore()
  const told: string[] = []
  const faults: unknown[] = []
  const commits = new Commits(
    store,
    () => told.push('group'),
    error => faults.push(error),
  )
  const waiter = (name: string): CommitWaiter => ({
    committed: () => told.push(name),
    failed: refusal => told.push(`${name}: ${refusal.code}`),
  })
  return { commits, open, told, faults, add: name => commits.add(write(name), waiter(name)) }
}

// Any write will do: the store of these tests looks at none.
const write = (name: string) => ({ type: 'collection.delete', id: name }) as unknown as Write

const names = (writes: readonly Write[] | undefined) => writes?.map(one => 'id' in one && one.id)

test('[CORE-20] writes of one turn share a transaction; what comes meanwhile gathers for the next', async () => {
  const { commits, open, told, add } = scene()
  add('a')
  add('b')
  expect(open).toHaveLength(0)
  await until(() => open.length === 1)
  expect(names(open[0]?.writes)).toEqual(['a', 'b'])
  add('c')
  await Promise.resolve()
  add('d')
  expect(open).toHaveLength(1)
  expect(commits.waiting).toBe(2)
  open[0]?.end('done')
  await until(() => told.length === 3)
  expect(names(open[0]?.writes)).toEqual(['c', 'd'])
  open[0]?.end('done')
  await commits.drained()
  expect(told).toEqual(['a', 'b', 'group', 'c', 'd', 'group'])
})

test('[CORE-20] a lone write waits for nobody, and there is never more than one transaction', async () => {
  const { commits, open, told, add } = scene()
  for (const name of ['a', 'b', 'c']) {
    add(name)
    await until(() => open.length > 0)
    expect(open).toHaveLength(1)
    open[0]?.end('done')
    await commits.drained()
  }
  expect(told).toEqual(['a', 'group', 'b', 'group', 'c', 'group'])
})

test('[CORE-20] a group holds at most 512 writes', async () => {
  const { commits, open, add } = scene()
  for (let i = 0; i < 1_100; i++) add(String(i))
  const sizes: number[] = []
  const drained = commits.drained()
  while (sizes.length < 3) {
    await until(() => open.length > 0)
    sizes.push(open[0]?.writes.length ?? 0)
    open[0]?.end('done')
    await Promise.resolve()
  }
  await drained
  expect(sizes).toEqual([512, 512, 76])
})

test('[CORE-21] nobody is told before the commit, and everybody in the order of adding', async () => {
  const { commits, open, told, add } = scene()
  for (const name of ['a', 'b', 'c']) add(name)
  await until(() => open.length === 1)
  for (let turn = 0; turn < 10; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(told).toEqual([])
  open[0]?.end('done')
  await commits.drained()
  expect(told).toEqual(['a', 'b', 'c', 'group'])
})

test('[CORE-21] a fault of one that is told does not keep the others from being told', async () => {
  const { commits, open, told, faults, add } = scene()
  const broken = new Error('broken')
  add('a')
  const waiter = {
    committed() {
      throw broken
    },
    failed: () => undefined,
  }
  commits.add(write('b'), waiter)
  add('c')
  await until(() => open.length === 1)
  open[0]?.end('done')
  await commits.drained()
  expect(told).toEqual(['a', 'c', 'group'])
  expect(faults).toEqual([broken])
})

test('[CORE-22] when 10,000 writes wait, another is refused at once with a time to come back', async () => {
  const { commits, open, told, add } = scene()
  add('first')
  await until(() => open.length === 1)
  for (let i = 0; i < 10_000; i++) add('')
  expect(told).toEqual([])
  const refused = commits.run(write('one too many') as never)
  await expect(refused).rejects.toMatchObject({ refusal: { code: 'busy', retryAfter: 1 } })
  expect(commits.waiting).toBe(10_000)
})

test('[CORE-23] when a transaction fails all of it is refused, and the next one is tried', async () => {
  const { commits, open, told, faults, add } = scene()
  add('a')
  add('b')
  await until(() => open.length === 1)
  add('c')
  const failure = new StoreFailed('disk_full')
  open[0]?.end(failure)
  await until(() => told.length === 3)
  open[0]?.end('done')
  await commits.drained()
  expect(told).toEqual(['a: storage_failed', 'b: storage_failed', 'group', 'c', 'group'])
  expect(faults).toEqual([failure])
})

test('[CORE-24] drained resolves when everything added before has ended, also while more keeps coming', async () => {
  const { commits, open, add } = scene()
  await commits.drained()
  add('a')
  const drained = commits.drained().then(() => 'drained')
  let ended = 0
  const pour = async () => {
    for (let i = 0; i < 20; i++) {
      await until(() => open.length === 1)
      add('more')
      open[0]?.end('done')
      ended++
    }
    return 'poured'
  }
  expect(await Promise.race([drained, pour()])).toBe('drained')
  expect(ended).toBe(1)
})
