import { downFrame } from '@parley/protocol/assistant/down'
import type { ClientOptions } from 'ws'
import { type Frame, SocketClient } from '../client.ts'
import type { World } from '../world.ts'

/** A client of the assistant protocol. */
export class AssistantClient extends SocketClient {
  session = ''

  /** Resolves once the connection is open and its first frame was read. */
  static async open(world: Pick<World, 'port'>, path = '/ws/chat', options: ClientOptions = {}) {
    const client = await new AssistantClient(`ws://127.0.0.1:${world.port}${path}`, options, downFrame).opened()
    const { session_id } = await client.expect('connection_established')
    client.session = String(session_id)
    return client
  }

  /** The next frame, which has to be of this type. */
  async expect(type: string): Promise<Frame> {
    const frame = await this.next()
    if (frame.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`)
    return frame
  }

  /** Asks, and reads up to the answer. */
  async chat(message: string): Promise<Frame> {
    this.send({ type: 'chat', message })
    return this.answered()
  }

  /** What comes up to the next answer. */
  async answered(): Promise<Frame> {
    await this.expect('typing')
    return this.expect('ai_response')
  }

  /** Shows credentials; the two frames that answer. */
  async auth(credentials: object): Promise<readonly Frame[]> {
    this.send({ type: 'auth', ...credentials })
    return this.take(2)
  }

  /** Role and text of each message of the history. */
  async history(): Promise<readonly (readonly [unknown, unknown])[]> {
    const { messages } = await this.ask({ type: 'history' })
    return (messages as Frame[]).map(({ role, content }) => [role, content]) // as the schema has it
  }

  /** Leaves, and waits until the server knows. */
  async leave(): Promise<void> {
    this.ws.close()
    await this.closed
  }
}
