/** One connection of a traffic run. */
export interface Seat {
  readonly index: number
  readonly room: number
  readonly role: 'sender' | 'reader'
  readonly marks: boolean
  /** Whether its frames are looked into, not only counted. */
  readonly looksInside: boolean
}

export interface Shape {
  readonly rooms: number
  readonly sendersPerRoom: number
  readonly readersPerRoom: number
  readonly markers: number
}

/** Readers whose every frame is parsed, spread evenly over all readers; the rest are counted. */
const SAMPLED_READERS = 8

/** The connections of a run: room after room, senders first. Senders and markers look inside, and some readers. */
export function seats({ rooms, sendersPerRoom, readersPerRoom, markers }: Shape): Seat[] {
  const perRoom = sendersPerRoom + readersPerRoom
  const readers = rooms * readersPerRoom
  const sampleEvery = Math.ceil(readers / SAMPLED_READERS)
  const markEvery = Math.ceil(readers / Math.max(1, markers))
  return Array.from({ length: rooms * perRoom }, (_, index) => {
    const room = Math.floor(index / perRoom)
    const place = index % perRoom
    if (place < sendersPerRoom) return { index, room, role: 'sender', marks: false, looksInside: true }
    const reader = room * readersPerRoom + place - sendersPerRoom
    const marks = markers > 0 && reader % markEvery === 0
    return { index, room, role: 'reader', marks, looksInside: marks || reader % sampleEvery === 0 }
  })
}
