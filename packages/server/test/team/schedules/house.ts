import type { Store } from '../../../src/core/ports/store.ts'
import { openWorld, type World, type WorldOptions } from '../../world.ts'
import { turns } from './agent.ts'

/** Turns of the event loop. */
const QUIET = 40

/** A server in this process that can be killed: nothing of it reaches the store any more, and it says goodbye to nobody. */
export interface House extends AsyncDisposable {
  readonly world: World
  /** Kills it and opens another one on the same store. */
  kill(): Promise<void>
  /** Resolves when no answer is under way and the store was asked nothing for a while. */
  quiet(): Promise<void>
}

/** Each of the store's answers takes as many turns of the event loop as `delay` says. */
export async function openHouse(store: Store, delay: () => number, options: WorldOptions): Promise<House> {
  let life = mortal(store, delay)
  let world = await openWorld({ ...options, store: life.store })
  return {
    get world() {
      return world
    },
    async kill() {
      life.end()
      await world.cut()
      life = mortal(store, delay)
      world = await openWorld({ ...options, store: life.store })
    },
    async quiet() {
      for (let left = QUIET; left > 0; left--) {
        await turns(1)
        if (life.going > 0 || world.core.context.runs.active > 0) left = QUIET
      }
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}

/** A store that answers nothing any more once its process is killed. What was asked before may still be done. */
function mortal(inner: Store, delay: () => number) {
  let isOver = false
  let going = 0
  const asked =
    (method: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      going++
      try {
        const answer = isOver ? undefined : await method(...args)
        await turns(delay())
        return isOver ? new Promise(() => undefined) : answer
      } finally {
        going--
      }
    }
  const entries = Object.entries(inner).map(([name, value]) => [
    name,
    typeof value === 'function' && name !== 'close' ? asked(value) : value,
  ])
  return {
    store: Object.fromEntries(entries) as Store, // the same methods, as long as it lives
    end() {
      isOver = true
    },
    get going() {
      return going
    },
  }
}
