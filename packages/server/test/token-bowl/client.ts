import { downFrame } from '@parley/protocol/token-bowl/down'
import type { ClientOptions } from 'ws'
import { type Frame, SocketClient } from '../client.ts'

export type { Frame } from '../client.ts'

/** A client of the Token Bowl protocol. */
export class TestClient extends SocketClient {
  /** Resolves once the connection is open; rejects when the upgrade is refused. */
  static open(url: string, options: ClientOptions = {}): Promise<TestClient> {
    return new TestClient(url, options, downFrame).opened()
  }

  /** Sends a message and returns it as the confirmation shows it. */
  async say(content: string, toUsername?: string): Promise<Frame> {
    const answer = await this.ask({ content, ...(toUsername !== undefined && { to_username: toUsername }) })
    if (answer.type !== 'message_sent') throw new Error(`expected message_sent, got ${JSON.stringify(answer)}`)
    return answer.message as Frame // a confirmation holds the message
  }

  /** Proves that every frame so far was served and nothing is under way: the answer to a ping is the next frame. */
  async quiet(): Promise<void> {
    const frame = await this.ask({ type: 'ping' })
    if (frame.type !== 'pong') throw new Error(`expected silence, got ${JSON.stringify(frame)}`)
  }
}
