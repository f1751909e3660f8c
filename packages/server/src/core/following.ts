import type { Directory } from './directory.ts'
import { type CoreEvent, type DirectoryEvent, isDirectoryEvent } from './events.ts'
import type { Broker } from './ports/broker.ts'
import type { LogRow, Store } from './ports/store.ts'

const PAGE = 500

/**
 * Keeps the cached directory true: applies its events as they come and fetches the ones that did not come, because a
 * node died between commit and publish or because the command line wrote to the same store.
 */
export class DirectoryFollower {
  readonly #store: Store
  readonly #broker: Broker
  readonly #directory: Directory
  #seq = 0

  constructor(store: Store, broker: Broker, directory: Directory) {
    this.#store = store
    this.#broker = broker
    this.#directory = directory
    broker.subscribe(events => this.#hear(events))
  }

  /** Position in the directory's log up to which this node knows everything. */
  get seq(): number {
    return this.#seq
  }

  /** Takes the present as known; called before anything is cached. */
  async start(): Promise<void> {
    await this.#directory.start()
    this.#seq = await this.#head()
  }

  /** Publishes what was committed and never published. */
  async refresh(): Promise<void> {
    const head = await this.#head()
    while (this.#seq < head) {
      const rows = await this.#store.log(this.#store.directory, this.#seq, PAGE)
      const last = rows.at(-1)
      if (!last) return
      this.#broker.publish(rows.flatMap(row => this.#event(row)))
      this.#seq = Math.max(this.#seq, last.seq)
    }
  }

  async #head(): Promise<number> {
    const [head] = await this.#store.heads([this.#store.directory])
    return head ?? 0
  }

  #hear(events: readonly CoreEvent[]): void {
    for (const event of events) {
      if (event.type === 'room.changed' || event.type === 'room.deleted') this.#directory.keepRoom(event.room)
      if (!isDirectoryEvent(event)) continue
      // Rows show users as they are now, so applying one twice or early does no harm.
      this.#directory.apply(event)
      if (event.seq === this.#seq + 1) this.#seq = event.seq
    }
  }

  #event(row: LogRow): DirectoryEvent[] {
    switch (row.type) {
      case 'user.created':
      case 'user.changed':
      case 'user.deleted':
      case 'credentials.revoked':
        return [{ type: row.type, directory: this.#store.directory, seq: row.seq, user: row.user }]
      default:
        return []
    }
  }
}
