import type { Driver } from './driver.ts'
import type { Happening } from './happening.ts'

/** Who the room mode is for: what happens is told to it, and it says what is to be done. */
export interface Face {
  tell(happening: Happening): void
  /** The client is connected: what was typed may be done from now on. `end` is to be called when no more will come. */
  start(driver: Driver, end: () => void): void
  /** Nothing is told after this. */
  close(): void
  /** Whether somebody reads what is told. */
  readonly reads: boolean
  /** Whether a lost connection is waited for as long as it takes. */
  readonly waits: boolean
}
