import { downFrame } from '@parley/protocol/rooms/down'
import { downFrame as level2Frame } from '@parley/protocol/rooms/level2/down'
import type { ClientOptions } from 'ws'
import { type Frame, SocketClient } from '../client.ts'

/** What a frame says, and what it says it about. */
export interface RoomsFrame extends Frame {
  readonly type: string
  readonly data: Record<string, unknown>
  readonly room_id: string | null
  readonly message_id: string | null
  readonly user_id: string | null
}

let asked = 0

/** A client of the rooms protocol, at either level. */
export class RoomsClient extends SocketClient {
  /** Resolves once the connection is open; rejects when the upgrade is refused. `v=2` in the URL makes it one of level 2. */
  static open(url: string, options: ClientOptions = {}): Promise<RoomsClient> {
    const isLevel2 = new URL(url).searchParams.get('v') === '2'
    return new RoomsClient(url, options, isLevel2 ? level2Frame : downFrame).opened()
  }

  override async next(): Promise<RoomsFrame> {
    return (await super.next()) as RoomsFrame // all of its keys are always there, says the schema
  }

  override async take(count: number): Promise<RoomsFrame[]> {
    return (await super.take(count)) as RoomsFrame[] // the same
  }

  override async ask(frame: object | string): Promise<RoomsFrame> {
    return (await super.ask(frame)) as RoomsFrame // the same
  }

  /** The next frame, which has to be of this type. */
  async expect(type: string): Promise<RoomsFrame> {
    const frame = await this.next()
    if (frame.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`)
    return frame
  }

  /** All frames up to one that `isLast` holds for, that one included. */
  async until(isLast: (frame: RoomsFrame) => boolean): Promise<RoomsFrame[]> {
    for (const frames: RoomsFrame[] = []; ; ) {
      const frame = await this.next()
      frames.push(frame)
      if (isLast(frame)) return frames
    }
  }

  /** Proves that every frame so far was served and answered: the answer to one that is no good is the next frame. */
  async quiet(): Promise<void> {
    const id = `quiet-${++asked}`
    const frame = await this.ask({ type: 'leave_room', data: {}, message_id: id })
    if (frame.message_id !== id) throw new Error(`expected silence, got ${JSON.stringify(frame)}`)
  }
}
