import { TestAgent } from '../../core/runs/desk.ts'
import { type Member, openWorld, until, type WorldOptions } from '../../world.ts'
import type { RoomsClient, RoomsFrame } from '../client.ts'

/** A world with ada and bob, and an agent that does what a test says. */
export async function openScene(options: WorldOptions = {}) {
  const agent = new TestAgent()
  const world = await openWorld({ agents: agent, ...options })
  const [ada, bob] = [await world.member('ada'), await world.member('bob')]
  return { world, agent, ada, bob }
}

export type Scene = Awaited<ReturnType<typeof openScene>>

/** Ada and bob in a room that ada made, each with a connection that has nothing to read. */
export async function twoInRoom(type: 'private' | 'shared', options: WorldOptions = {}) {
  const scene = await openScene(options)
  const { world, ada, bob } = scene
  const a = await world.joinRooms(ada, { room_id: 'kitchen', room_type: type })
  const b = await world.joinRooms(bob, { room_id: 'kitchen' })
  await a.expect('system')
  return { ...scene, a, b }
}

export const chat = (message: string, more: object = {}, data: object = {}) => ({
  type: 'chat',
  data: { message, ...data },
  ...more,
})

/** What says something in the kitchen. */
export const inKitchen = (message: string, id?: string, data: object = {}) =>
  chat(message, { room_id: 'kitchen', ...(id !== undefined && { message_id: id }) }, data)

/** Frames in short words, for their order. */
export const kinds = (frames: readonly RoomsFrame[]): readonly string[] =>
  frames.map(({ type, data }) => {
    if (type === 'typing') return data.is_typing ? 'typing' : 'typing stops'
    if (type === 'system') return data.action ? String(data.action) : 'heartbeat'
    if (type === 'error') return `error: ${data.error}`
    if (type !== 'chat') return type
    if (data.role === 'user') return `user: ${data.content}`
    return data.streaming ? `chunk: ${data.content}` : 'completion'
  })

/** The script of the agent's `count`th answer, once it is asked. */
export async function answering({ agent }: Pick<Scene, 'agent'>, count: number): Promise<TestAgent['asked'][number]> {
  await until(() => agent.asked.length >= count)
  return agent.asked[count - 1]!
}

/** Lets the agent say texts that are stored one by one, and waits until `client` was shown each. */
export async function saysTo(
  { world, agent }: Pick<Scene, 'world' | 'agent'>,
  client: RoomsClient,
  ...texts: readonly string[]
): Promise<RoomsFrame[]> {
  const frames: RoomsFrame[] = []
  for (const text of texts) {
    world.clock.advance(100)
    agent.asked.at(-1)?.script.say(text)
    frames.push(await client.expect('chat'))
  }
  return frames
}

/** A token to open sockets with. */
export async function socketToken({ world }: Pick<Scene, 'world'>, member: Member): Promise<string> {
  return (await world.execute(member, { type: 'account.socket_token' })).token
}
