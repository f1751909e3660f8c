import { test } from 'vitest'
import { type OpenStore, type StoreUnderTest, type World, worldOn } from './store-world.ts'

/** A test that gets a fresh store, and the store only. */
export function rule(
  open: OpenStore,
  name: string,
  prove: (world: World, under: StoreUnderTest) => Promise<void>,
): void {
  test(name, async () => {
    const under = await open()
    try {
      await prove(worldOn(under.store), under)
    } finally {
      await under.close()
    }
  })
}
