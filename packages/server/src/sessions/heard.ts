import type { RoomId } from '../core/ids.ts'

/** Pings that may be unanswered before the oldest is forgotten: a later one tells as much. */
const UNANSWERED_MAX = 16

/**
 * Up to where a client has seen each room, found out by pings: what was written before a ping has arrived when its answer
 * comes, and every WebSocket client answers by itself.
 */
export class Heard {
  #pings: { readonly number: number; readonly rooms: ReadonlyMap<RoomId, number> }[] = []
  #last = 0
  #listening: { readonly number: number; readonly hear: () => void }[] = []
  /** What is known and not stored yet. */
  #fresh = new Map<RoomId, number>()

  /** The payload of a ping that follows everything up to these positions. */
  ping(rooms: ReadonlyMap<RoomId, number>): string {
    this.#pings.push({ number: ++this.#last, rooms })
    if (this.#pings.length > UNANSWERED_MAX) this.#pings.shift()
    return String(this.#last)
  }

  /** Resolves when the latest ping is answered. */
  answered(): Promise<void> {
    return new Promise(hear => this.#listening.push({ number: this.#last, hear }))
  }

  /** Hears the payload of a pong. Anything else than an answer is passed over. */
  pong(payload: string): void {
    const number = Number(payload)
    while ((this.#listening[0]?.number ?? Number.POSITIVE_INFINITY) <= number) this.#listening.shift()?.hear()
    while ((this.#pings[0]?.number ?? Number.POSITIVE_INFINITY) <= number) {
      for (const [room, seq] of this.#pings.shift()?.rooms ?? []) this.note(room, seq)
    }
  }

  /** Takes a position as known. */
  note(room: RoomId, seq: number): void {
    if (seq > (this.#fresh.get(room) ?? 0)) this.#fresh.set(room, seq)
  }

  /** What is to be stored; it is not told again. */
  take(): readonly { readonly room: RoomId; readonly seq: number }[] {
    const rooms = [...this.#fresh].map(([room, seq]) => ({ room, seq }))
    this.#fresh = new Map()
    return rooms
  }
}
