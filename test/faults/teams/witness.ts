import { SessionClient } from '../../../packages/server/test/team/client.ts'
import { Story } from '../../../packages/server/test/team/schedules/story.ts'

/** A client of a session on a server that goes and comes: it comes back with it, and asks for the session each time. */
export class Witness {
  readonly story = new Story()
  readonly session: string
  readonly #port: number
  #client: SessionClient | undefined
  #reading: Promise<void> = Promise.resolve()
  #heard: () => void = () => undefined

  constructor(port: number, session: string) {
    this.#port = port
    this.session = session
  }

  /** Resolves once it was shown the session. */
  async come(): Promise<void> {
    const client = await SessionClient.open({ port: this.#port }, this.session)
    this.#client = client
    this.story.begin()
    client.send({ type: 'session_restore' })
    await this.#hear(client, 'session_restored')
    this.#reading = this.#read(client)
  }

  ask(question: string): void {
    this.#client?.say(question)
  }

  /** Resolves with the next frame that it is shown, or when the server is gone. */
  next(): Promise<void> {
    return new Promise(resolve => (this.#heard = resolve))
  }

  /** Resolves once its server is gone and everything was heard that it had written. */
  gone(): Promise<void> {
    return this.#reading
  }

  leave(): Promise<void> {
    this.#client?.ws.terminate()
    return this.#reading
  }

  async #read(client: SessionClient): Promise<void> {
    await this.#hear(client, null).catch(() => undefined)
    this.#heard()
  }

  /** Hears everything up to a frame of this type. */
  async #hear(client: SessionClient, last: string | null): Promise<void> {
    for (;;) {
      const frame = await client.next()
      this.story.hear(frame)
      this.#heard()
      if (frame.type === last) return
    }
  }
}
