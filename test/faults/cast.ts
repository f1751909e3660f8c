import type { Counts } from './counts.ts'
import { type History, newHistory } from './history.ts'
import { type Actor, ask, type Member } from './load/actor.ts'
import { editor, registrar } from './load/admin.ts'
import { bulkMarker, singleMarker } from './load/marker.ts'
import type { Pace } from './load/returner.ts'
import { poster, talker } from './load/talker.ts'
import type { Random } from './random.ts'
import { type ServerOptions, startServer } from './server.ts'

/** Everybody who takes part in a siege, and what they did and were told. */
export interface Cast {
  readonly history: History
  readonly members: readonly Member[]
  /** They connect anew to every server. */
  readonly actors: readonly Actor[]
  /** Those who are to come back by themselves. */
  readonly returning: readonly (readonly [Member, Pace])[]
}

const NAMES = ['ann', 'ben', 'cleo', 'dora', 'emil', 'flora', 'hope', 'iris', 'jon'] as const
type Name = (typeof NAMES)[number]

/** Has a sound server make the accounts in `place`, and stops it. */
export async function membersOf<Name extends string>(place: ServerOptions, names: readonly Name[]) {
  await using server = await startServer(place)
  const members: Partial<Record<Name, Member>> = {}
  for (const name of names) members[name] = await register(server.url, name)
  const { code } = await server.kill('SIGTERM')
  if (code !== 0) throw new Error(`the server stopped with code ${code}:\n${server.printed()}`)
  return members as Record<Name, Member> // every name was registered above
}

/** The cast of a siege, with their accounts in `place`. */
export async function castOf(place: ServerOptions, random: Random): Promise<Cast> {
  const named = await membersOf(place, NAMES)
  const members = Object.values(named)
  const history = newHistory()
  for (const { name, id, key } of members) history.accounts.set(name, { id, key, dead: [] })
  return { history, members, ...parts(named, history, random) }
}

function parts(named: Record<Name, Member>, history: History, random: Random): Pick<Cast, 'actors' | 'returning'> {
  const { ann, ben, cleo, dora, emil, flora, hope, iris, jon } = named
  const stage = () => ({ history, random: random.fork() })
  const actors = [
    talker(ann, [ben, emil, iris], stage(), 16),
    talker(ben, [ann, flora, jon], stage(), 4),
    talker(cleo, [emil, flora, iris, jon], stage(), 1),
    poster(dora, [ann, emil, jon], stage()),
    singleMarker(emil, stage()),
    bulkMarker(flora, stage()),
    editor(hope, stage()),
    registrar('newcomer', stage()),
  ]
  return {
    actors,
    returning: [
      [iris, 'hasty'],
      [jon, 'leisurely'],
    ],
  }
}

/** Makes an account; that of hope is an admin's. */
export async function register(url: string, username: string): Promise<Member> {
  const role = username === 'hope' ? 'admin' : 'member'
  const { status, body } = await ask(url, 'POST', '/register', undefined, { username, role })
  if (status !== 201) throw new Error(`could not register ${username}: ${status}`)
  const { id, api_key } = body as { id: string; api_key: string } // the contract of POST /register
  return { name: username, id, key: api_key }
}

/** What the cast did and was told so far. */
export function told({ history }: Cast): Pick<Counts, 'sent' | 'acknowledged' | 'marks' | 'changes' | 'accounts'> {
  const messages = [...history.messages.values()]
  return {
    sent: history.sent.size,
    acknowledged: messages.length,
    marks: [...history.marks.values()].reduce((sum, marks) => sum + marks.acknowledged.size, 0),
    changes: messages.filter(m => m.deletion === 'acknowledged' || m.text !== m.body).length,
    accounts: history.accounts.size,
  }
}
