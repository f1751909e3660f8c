import type { Listing, Offer } from './listing.ts'

/** Most tools of a server that are remembered. */
const TOOLS_MAX = 10_000

/** What a server said of its tools so far, for as long as this process lives. */
export class Memory {
  readonly #digests = new Map<string, string>()
  #told = ''

  /** A connection is new, and so is its list. */
  begin(): void {
    this.#told = ''
  }

  /**
   * What there is to tell of a list: whether it is another one than the last, and which tools are described otherwise than before,
   * which is how a server that was trusted once can turn.
   */
  compare(offers: readonly Offer[], refused: Listing['refused']): { isNew: boolean; changed: readonly string[] } {
    const told = JSON.stringify([offers.map(({ name }) => name), refused])
    const isNew = told !== this.#told
    this.#told = told
    return { isNew, changed: offers.filter(offer => this.#isChanged(offer)).map(({ name }) => name) }
  }

  #isChanged({ of, digest }: Offer): boolean {
    const before = this.#digests.get(of)
    if (before !== undefined || this.#digests.size < TOOLS_MAX) this.#digests.set(of, digest)
    return before !== undefined && before !== digest
  }
}
