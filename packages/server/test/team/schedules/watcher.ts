import { connect, type Socket } from 'node:net'
import type { Random } from '../../../../../test/faults/random.ts'
import { until } from '../../world.ts'
import { SessionClient } from '../client.ts'
import { turns } from './agent.ts'
import type { House } from './house.ts'
import { Story } from './story.ts'

export interface Habits {
  /** Turns before it comes. Who comes late asks for the session. */
  readonly late: number
  /** Chance, with each frame, that its line breaks, that it asks for the session again, and that it reads nothing for a while. */
  readonly cut: number
  readonly again: number
  readonly slow: number
}

/** A client of a session that comes, stays or breaks off, and comes back, also to the next server. */
export class Watcher {
  readonly story = new Story()
  readonly #house: House
  readonly #session: string
  readonly #habits: Habits
  readonly #random: Random
  #client: SessionClient | null = null
  #local: Socket | null = null
  #isLeaving = false
  #isCalm = false
  #pongs = 0
  readonly #life: Promise<void>

  constructor(house: House, session: string, habits: Habits, random: Random) {
    this.#house = house
    this.#session = session
    this.#habits = habits
    this.#random = random
    this.#life = this.#live()
  }

  /** Resolves once it is connected. */
  there(): Promise<void> {
    return until(() => this.#client !== null)
  }

  async say(content: string): Promise<void> {
    await this.there()
    this.#client?.say(content)
  }

  /** Breaks off no more, and reads. Resolves once everything that was written to it has arrived. */
  async settle(): Promise<void> {
    this.#isCalm = true
    await this.there()
    this.#socket()?.uncork()
    const before = this.#pongs
    await until(() => this.#house.world.sessions.counts.behind === 0)
    this.#client?.send({ type: 'ping' })
    await until(() => this.#pongs > before || this.#client === null)
    if (this.#client === null) return this.settle()
  }

  async leave(): Promise<void> {
    this.#isLeaving = true
    this.#client?.ws.terminate()
    await this.#life
  }

  async #live(): Promise<void> {
    await turns(this.#habits.late)
    for (let time = 0; !this.#isLeaving; time++) {
      const client = await this.#open()
      if (client) await this.#read(client, time > 0 || this.#habits.late > 0).catch(() => undefined)
      this.#client = null
      await turns(1 + this.#random.below(5))
    }
  }

  #open(): Promise<SessionClient | null> {
    const { port } = this.#house.world
    const dial = () => (this.#local = connect({ port, host: '127.0.0.1' }))
    return SessionClient.open({ port }, this.#session, { createConnection: dial }).catch(() => null)
  }

  async #read(client: SessionClient, isBack: boolean): Promise<void> {
    if (isBack) this.#restore(client, true)
    else await client.ask({ type: 'ping' }) // by then it is in the session
    this.#client = client
    for (;;) {
      const frame = await client.next()
      if (frame.type === 'pong') this.#pongs++
      this.story.hear(frame)
      if (!this.#isCalm && frame.type !== 'session_restored') this.#act(client)
    }
  }

  #act(client: SessionClient): void {
    const { cut, again, slow } = this.#habits
    if (this.#random.chance(cut)) client.ws.terminate()
    else if (this.#random.chance(again)) this.#restore(client, false)
    else if (this.#random.chance(slow)) void this.#rest()
  }

  #restore(client: SessionClient, isNew: boolean): void {
    if (isNew) this.story.begin()
    client.send({ type: 'session_restore' })
  }

  /** The server's end keeps what it is to be written, as behind a line that takes nothing. */
  async #rest(): Promise<void> {
    const socket = this.#socket()
    socket?.cork()
    await turns(20 + this.#random.below(60))
    socket?.uncork()
  }

  #socket(): Socket | undefined {
    return this.#house.world.sockets.find(({ remotePort }) => remotePort === this.#local?.localPort)
  }
}
