import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guide } from '../../../src/agents/guide.ts'
import { slowStore } from '../../sessions/stores.ts'
import { type Member, until, type World } from '../../world.ts'
import type { RoomsClient } from '../client.ts'
import { inKitchen, twoInRoom } from './scene.ts'

/**
 * Ada says something, or asks and is answered. Bob opens a connection, his oldest one ends with a goodbye or without one, or his
 * network is lost: what he had is silent from then on, though nobody tells the server.
 */
const step = fc.constantFrom(...['say', 'say', 'say', 'ask', 'ask', 'come', 'come', 'close', 'break', 'lose', 'tick'])

/** What one of bob's connections was shown of what was said, an answer as one. */
class Witness {
  readonly seen: string[] = []
  readonly client: RoomsClient

  constructor(client: RoomsClient) {
    this.client = client
    this.#watch().catch(() => undefined) // The connection is over.
  }

  async #watch(): Promise<void> {
    for (let answer = ''; ; ) {
      const { type, data } = await this.client.next()
      if (type !== 'chat') continue
      if (data.role === 'user') this.seen.push(String(data.content))
      if (data.done) this.seen.push(`answer ${answer}`)
      answer = data.streaming ? answer + data.content : ''
    }
  }
}

class Play {
  readonly said: string[] = []
  readonly all: Witness[] = []
  readonly #open: Witness[] = []
  readonly #world: World
  readonly #bob: Member
  readonly #ada: RoomsClient

  constructor(world: World, bob: Member, ada: RoomsClient) {
    this.#world = world
    this.#bob = bob
    this.#ada = ada
  }

  async do(step: string): Promise<unknown> {
    switch (step) {
      case 'say':
        return this.#say(`${this.said.length}`, ({ type }) => type === 'delivery_confirmation')
      case 'ask': {
        const word = this.said.length
        await this.#say(`@assistant /repeat ${word}`, ({ data }) => data.done === true)
        return this.said.push(`answer ${word}`)
      }
      case 'come':
        return this.come()
      case 'close':
        return this.#open.shift()?.client.ws.close()
      case 'break':
        return this.#open.shift()?.client.ws.terminate()
      case 'lose':
        return this.#open.shift()?.client.ws.pause()
      default:
        this.#world.pass(1)
        return Promise.all(this.#open.map(({ client }) => client.ws.readyState === 1 && client.pinged()))
    }
  }

  async #say(text: string, isLast: Parameters<RoomsClient['until']>[0]): Promise<void> {
    this.said.push(text)
    this.#ada.send(inKitchen(text))
    await this.#ada.until(isLast)
  }

  async come(): Promise<Witness> {
    const headers = { 'X-API-Key': this.#bob.key }
    const witness = new Witness(await this.#world.openRooms('/api/v1/ws/ws', { headers }))
    this.all.push(witness)
    this.#open.push(witness)
    return witness
  }
}

test('[ROOMS-78] however a participant comes, goes and gets lost, their connections together were shown everything, in order', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(3), async (steps, turns) => {
      let left = turns
      const store = slowStore(() => (left = (left * 7 + 3) % (turns + 1)))
      const { world: opened, bob, a, b } = await twoInRoom('shared', { store, agents: guide })
      await using world = opened
      world.pass(1)
      await b.pinged()
      b.ws.close()
      await until(() => world.sessions.connectionsOf(bob.user.id).length === 0)
      const play = new Play(world, bob, a)
      for (const one of steps) await play.do(one)
      await play.come()
      await play.do('say')
      const end = play.said.at(-1)
      while (!play.all.some(({ seen }) => seen.at(-1) === end)) {
        world.pass(1)
        for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
      }
      for (const { seen } of play.all) {
        const from = play.said.indexOf(seen[0] ?? '')
        if (seen.length > 0) expect(seen).toEqual(play.said.slice(from, from + seen.length))
      }
      expect(new Set(play.all.flatMap(({ seen }) => seen))).toEqual(new Set(play.said))
    }),
    { numRuns: 50, timeout: 2000 },
  )
})
