import { downFrame } from '@parley/protocol/agents/down'
import type { ClientOptions } from 'ws'
import { type Frame, SocketClient } from '../client.ts'
import type { World } from '../world.ts'

/** A client of the agents protocol. */
export class SessionClient extends SocketClient {
  /** Resolves once the connection is open and its first frame was read. */
  static async open(world: Pick<World, 'port'>, session: string, options: ClientOptions = {}) {
    const client = await new SessionClient(`ws://127.0.0.1:${world.port}/ws/${session}`, options, downFrame).opened()
    await client.expect('connection_established')
    return client
  }

  /** The next frame, which has to be of this type. */
  async expect(type: string): Promise<Frame> {
    const frame = await this.next()
    if (frame.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`)
    return frame
  }

  say(content: string, more: object = {}): void {
    this.send({ type: 'message', content, timestamp: '2026-01-01T00:00:00Z', ...more })
  }

  /** Everything up to and with the last frame of an answer. */
  async answer(): Promise<readonly Frame[]> {
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      frames.push(frame)
      if (frame.type === 'completion' || frame.type === 'error') return frames
    }
  }
}

export const textOf = (frames: readonly Frame[]): string =>
  frames.flatMap(({ type, content }) => (type === 'stream_chunk' ? [content] : [])).join('')
