interface Followed {
  readonly room: string
  n: number
  text: string
}

/** Follows runs by the numbers of their steps. */
export class RunTexts {
  readonly #runs = new Map<string, Followed>()

  /** The last step seen of each run that goes on. */
  get cursors(): { run_id: string; n: number }[] {
    return [...this.#runs].map(([run_id, { n }]) => ({ run_id, n }))
  }

  /** Takes a step. False where one is missing before it. */
  take(room: string, run: string, n: number, text: string): boolean {
    const known = this.#runs.get(run) ?? { room, n: 0, text: '' }
    if (n > known.n + 1) return false
    this.#runs.set(run, known)
    if (n === known.n + 1) {
      known.n = n
      known.text += text
    }
    return true
  }

  /** What was said in a run that is over; undefined where it was not followed. */
  end(run: string): string | undefined {
    const text = this.#runs.get(run)?.text
    this.#runs.delete(run)
    return text
  }

  /** Nothing more is heard of the runs of a room. */
  leave(room: string): void {
    for (const [run, followed] of this.#runs) if (followed.room === room) this.#runs.delete(run)
  }
}
