/** An event of a room, as far as a log is compared. */
export interface Entry {
  readonly seq: number
  readonly type: string
  /** Of a message: its id, and what its sender called it. */
  readonly id: string | null
  readonly clientId: string | null
}

/** What a client was shown of a room from one place on, without a hole. */
export interface Stay {
  readonly room: string
  /** The first place that it was to be shown. */
  readonly first: number
  readonly entries: Entry[]
  /** The user went away: nothing may follow but what was missed. */
  hasLeft: boolean
}

/** Follows rooms by their places, as the guide tells authors of clients to. */
export class Stays {
  readonly #now = new Map<string, Stay>()
  readonly #over: Stay[] = []
  /** Events that had come before. */
  repeats = 0

  /** All stays there were, those that go on included. */
  get all(): readonly Stay[] {
    return [...this.#over, ...this.#now.values()]
  }

  /** The last place seen of each room that is the user's. */
  get cursors(): { room: string; seq: number }[] {
    return [...this.#now.values()].filter(stay => !stay.hasLeft).map(stay => ({ room: stay.room, seq: seqOf(stay) }))
  }

  has(room: string): boolean {
    return this.#now.get(room)?.hasLeft === false
  }

  seq(room: string): number {
    const stay = this.#now.get(room)
    return stay ? seqOf(stay) : 0
  }

  /** A room is followed from `seq` on, `seq` excluded. */
  begin(room: string, seq: number): void {
    this.end(room)
    this.#now.set(room, { room, first: seq + 1, entries: [], hasLeft: false })
  }

  /** A room that became the user's is live from `seq` on. What was missed of it before, and comes now, goes on. */
  added(room: string, seq: number): void {
    const stay = this.#now.get(room)
    if (stay && seq <= seqOf(stay) + 1) stay.hasLeft = false
    else this.begin(room, seq - 1)
  }

  left(room: string): void {
    const stay = this.#now.get(room)
    if (stay) stay.hasLeft = true
  }

  end(room: string): void {
    const stay = this.#now.get(room)
    if (stay) this.#over.push(stay)
    this.#now.delete(room)
  }

  /** Takes an event. False where something is missing before it. */
  take(room: string, entry: Entry): boolean {
    const known = this.#now.get(room)
    // One that became the user's while we came back, after we had asked for our rooms.
    if (!known || (known.hasLeft && entry.seq > seqOf(known) + 1)) this.begin(room, entry.seq - 1)
    const stay = this.#now.get(room)
    if (!stay || entry.seq > seqOf(stay) + 1) return false
    if (entry.seq <= seqOf(stay)) this.repeats++
    else stay.entries.push(entry)
    return true
  }
}

const seqOf = ({ first, entries }: Stay): number => first + entries.length - 1
