import type { RoomId } from '../ids.ts'
import type { Message } from '../message.ts'
import { hasOthers } from '../room.ts'
import type { Cast, RunPorts } from './cast.ts'
import { spendingOf, type UnderWay } from './spending.ts'

/** Messages that are summarised at a time, and fewest that are worth it. */
const PAGE = 100
const FEW = 10

/**
 * Has messages that answers have no place for summarised, when nobody waits. Never where others than one person read: what one
 * of them may read, another may not.
 */
export class Summaries {
  readonly #ports: RunPorts
  readonly #underWay: () => Iterable<UnderWay>
  readonly #busy = new Set<RoomId>()
  readonly #end = new AbortController()

  constructor(ports: RunPorts, underWay: () => Iterable<UnderWay>) {
    this.#ports = ports
    this.#underWay = underWay
  }

  /** Begins with the messages of the cast's room before ordinal `before`, unless that is going on. */
  start(cast: Cast, before: number): void {
    const { id } = cast.room
    if (!this.#ports.runner.summarise || hasOthers(cast.room) || this.#busy.has(id)) return
    this.#busy.add(id)
    this.#ports.chores.start(async () => {
      const isMore = await this.#slice(cast, before).catch(error => this.#give(error))
      if (!isMore) this.#busy.delete(id)
      return isMore
    })
  }

  /** Ends what is going on, and begins nothing more. */
  stop(): void {
    this.#end.abort()
  }

  #give(error: unknown): boolean {
    if (!this.#end.signal.aborted) this.#ports.onFault(error)
    return false
  }

  /** Summarises a page of messages. Whether there may be more. */
  async #slice(cast: Cast, before: number): Promise<boolean> {
    const { runner, store, commits, clock } = this.#ports
    const { signal } = this.#end
    if (signal.aborted || !runner.summarise) return false
    // Read first: what is changed from here on is noticed when the summary is stored.
    const [asOf = 0] = await store.heads([cast.room.id])
    const known = await store.summary(cast.room.id)
    const said = await this.#said(cast, known?.upTo ?? 0, before)
    const [oldest, newest] = [said[0], said.at(-1)]
    if (!oldest || !newest || said.length < FEW) return false
    const spending = () => spendingOf(this.#ports, cast, this.#underWay)
    const { run, room, asker } = cast
    const told = { run, asker, older: known?.text ?? null, said: await this.#withSenders(said), spending }
    const made = await runner.summarise(told, signal)
    if (made === null) return false
    const summary = { text: made.text.toWellFormed(), first: known?.first ?? oldest.ordinal, upTo: newest.ordinal }
    const write = { type: 'summary.put', room: room.id, summary, asOf, asker: asker.id, charge: made.charge } as const
    const { isKept } = await commits.run({ ...write, at: clock.now() })
    return isKept && said.length === PAGE
  }

  async #said({ room, run }: Cast, after: number, before: number): Promise<readonly Message[]> {
    const query = { room: room.id, above: 0, conversation: run.conversation, where: { after }, limit: PAGE }
    const { items } = await this.#ports.store.roomHistory(query)
    return items.filter(({ ordinal }) => ordinal < before)
  }

  async #withSenders(said: readonly Message[]) {
    const people = await this.#ports.directory.users(said.map(({ sender }) => sender))
    return said.flatMap(message => {
      const sender = people.get(message.sender)
      return sender ? [{ message, sender }] : []
    })
  }
}
