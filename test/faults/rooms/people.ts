import { ask } from '../load/actor.ts'
import type { ServerOptions } from '../server.ts'
import { startServer } from '../server.ts'

export interface Person {
  readonly name: string
  readonly id: string
  /** Opens a connection to the documented protocol, where there are no headers. */
  readonly token: string
  /** Opens one at level 2. */
  readonly key: string
}

/** Has a sound server make accounts in `place`, and stops it. */
export async function peopleOf(place: ServerOptions, names: readonly string[]): Promise<readonly Person[]> {
  await using server = await startServer(place)
  const people: Person[] = []
  for (const name of names) people.push(await personOf(server.url, name))
  await server.kill('SIGTERM')
  return people
}

/** What the contracts of these endpoints say. */
interface Made {
  readonly id: string
  readonly api_key: string
}

export async function personOf(url: string, name: string): Promise<Person> {
  const { body } = await ask(url, 'POST', '/register', undefined, { username: name })
  const { id, api_key } = body as Made
  const { body: answer } = await ask(url, 'POST', '/api/v1/ws/token', api_key)
  return { name, id, key: api_key, token: (answer as { token: string }).token }
}
