/** Does a part of some work. False when nothing is left. */
export type Slice = () => Promise<boolean>

/** Work that nobody waits for, done slice by slice. It ends with the server; what is left is found again at the next start. */
export class Chores {
  readonly #running = new Set<Promise<void>>()
  readonly #onFault: (error: unknown) => void
  #isStopping = false

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  start(slice: Slice): void {
    if (this.#isStopping) return
    const running = this.#run(slice)
      .catch(this.#onFault)
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Begins no further slice. Resolves when the last one has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#running)
  }

  async #run(slice: Slice): Promise<void> {
    while (!this.#isStopping && (await slice()));
  }
}
