import type { Frame, Member, World } from '../../world.ts'
import type { RoomsClient, RoomsFrame } from '../client.ts'

let asked = 0

/** A frame of the client, without its `message_id`. */
export interface Request {
  readonly type: string
  readonly data?: object
  readonly room_id?: string
}

/** Places of rooms and steps of runs that a client has seen. */
export interface Cursors {
  readonly rooms?: Readonly<Record<string, number>>
  readonly runs?: Readonly<Record<string, number>>
}

/** A client of level 2 that keeps what it was shown apart from what it was answered. */
export class Level2Client {
  readonly wire: RoomsClient
  /** Everything that was pushed, in its order. */
  readonly pushed: RoomsFrame[] = []

  private constructor(wire: RoomsClient) {
    this.wire = wire
  }

  /** A connection that said nothing yet. */
  static async open(world: World, member: Member): Promise<Level2Client> {
    return new Level2Client(await world.joinRooms(member, { v: '2' }))
  }

  /** A connection that is shown everything from now on. */
  static async live(world: World, member: Member, from: Cursors = {}): Promise<Level2Client> {
    const client = await Level2Client.open(world, member)
    await client.resume(from)
    return client
  }

  /** Sends a frame and returns its answer; what is pushed before that is kept. */
  async ask(request: Request, id = `ask-${++asked}`): Promise<RoomsFrame> {
    this.wire.send({ ...request, message_id: id })
    return this.answer(id)
  }

  /** The answer to the frame of that id. */
  async answer(id: string): Promise<RoomsFrame> {
    for (;;) {
      const frame = await this.wire.next()
      // One's own message carries the id, too.
      if (frame.message_id === id && frame.type !== 'chat') return frame
      this.pushed.push(frame)
    }
  }

  async resume({ rooms = {}, runs = {} }: Cursors = {}): Promise<RoomsFrame> {
    const data = {
      rooms: Object.entries(rooms).map(([room, seq]) => ({ room, seq })),
      runs: Object.entries(runs).map(([run_id, n]) => ({ run_id, n })),
    }
    return this.ask({ type: 'resume', data })
  }

  /** Sends a message and returns the data of its confirmation. */
  async say(room_id: string, message: string, id = `say-${++asked}`): Promise<Delivered> {
    const answer = await this.ask({ type: 'chat', data: { message }, room_id }, id)
    if (answer.type !== 'delivery_confirmation')
      throw new Error(`expected a confirmation, got ${JSON.stringify(answer)}`)
    return answer.data as unknown as Delivered // what a confirmation holds, says the schema
  }

  /** Goes into a room, and returns its uuid. */
  async join(room_id: string, room_type = 'shared'): Promise<string> {
    const { type, data } = await this.ask({ type: 'join_room', data: { room_id, room_type } })
    if (type !== 'join_room') throw new Error(`could not join ${room_id}: ${JSON.stringify(data)}`)
    return String(data.room)
  }

  /** The next pushed frame that `holds` of, be it one that came before. It is taken away with those before it. */
  async shown(type: string, holds: (data: Frame) => boolean = () => true): Promise<RoomsFrame> {
    for (;;) {
      const frame = this.pushed.shift() ?? (await this.wire.next())
      if (frame.type === type && holds(frame.data)) return frame
    }
  }

  /** Everything pushed since the last time, up to the answer to a question asked now. */
  async all(): Promise<RoomsFrame[]> {
    await this.ask({ type: 'ping' })
    return this.pushed.splice(0)
  }

  /** The same, but only the events of a room's log. */
  async events(room: string): Promise<RoomsFrame[]> {
    return (await this.all()).filter(frame => isEvent(frame) && frame.data.room === room)
  }

  close(): void {
    this.wire.ws.close(1000)
  }
}

/** Of a confirmation. */
export interface Delivered {
  readonly id: string
  readonly room: string
  readonly seq: number
  readonly ordinal: number
  readonly conversation_id: number | null
  readonly repeated: boolean
}

/** Whether a frame has a place in the log of a room. */
export const isEvent = ({ type, data }: RoomsFrame): boolean => 'seq' in data && type !== 'room_added'

/** What a frame tells, in short: its type and place. */
export const short = ({ type, data }: RoomsFrame): string => `${type} ${data.seq ?? data.n ?? ''}`.trim()

/** The places of frames. */
export const seqs = (frames: readonly RoomsFrame[]): unknown[] => frames.map(({ data }) => data.seq)
