import type { ShownMessage } from '../../core/message.ts'
import type { Room } from '../../core/room.ts'
import { excerptOf } from '../../core/search/excerpt.ts'
import { timestamp } from '../timestamp.ts'
import type { Asking } from '../view.ts'
import type { Desk } from './desk.ts'
import { text } from './shapes.ts'
import { rateLimited } from './words.ts'

/** Most messages that are told. */
const HITS_MAX = 20
/** A guest's messages that are looked through, the latest. */
const LOOKED_AT = 200

interface Hit extends ShownMessage {
  readonly room: Room
  readonly excerpt: string
}

/** Tells the asking connection alone what the words are in: of all that an account may read, of a guest's session that session. */
export const search =
  (desk: Desk, content: string) =>
  async ({ core, actor, connection }: Asking): Promise<string> => {
    const { number, team } = desk.seated(connection)
    const seconds = desk.rate.take(String(number))
    if (seconds > 0) return rateLimited(seconds)
    const isGuest = actor.kind === 'user' && actor.user.role === 'guest'
    const hits = isGuest
      ? await inSession({ core, actor }, number, content)
      : await everywhere({ core, actor }, content)
    const found = told(hits)
    const now = { timestamp: timestamp(Date.now()) }
    const place = { agent: team.agents[0]?.name ?? team.title, chunk_id: 1, total_chunks: 1 }
    connection.say(text({ type: 'stream_chunk', content: found, ...place, ...now }))
    return text({ type: 'stream_end', full_response: found, ...now })
  }

type Asker = Pick<Asking, 'core' | 'actor'>

async function everywhere({ core, actor }: Asker, content: string): Promise<readonly Hit[]> {
  return (await core.execute(actor, { type: 'search.messages', text: content, limit: HITS_MAX })).items
}

/** What guests say is in no index: the text has to be in a message as it is, in any case. */
async function inSession({ core, actor }: Asker, number: number, content: string): Promise<readonly Hit[]> {
  const window = { where: { newest: true }, limit: LOOKED_AT } as const
  const { room, items } = await core.execute(actor, { type: 'conversations.history', number, ...window })
  const wanted = content.trim().toLowerCase()
  const hits = items.toReversed().flatMap(item => {
    const at = item.message.body.toLowerCase().indexOf(wanted)
    return at < 0 ? [] : [{ ...item, room, ...excerptOf(item.message.body, [[at, at + wanted.length]]) }]
  })
  return hits.slice(0, HITS_MAX)
}

/** A line for each, the newest first. */
function told(hits: readonly Hit[]): string {
  if (hits.length === 0) return 'Nothing was found.'
  const lines = hits.map(({ message, sender, room, excerpt }) => {
    const place = room.name === '' ? '' : ` in ${room.name}`
    return `- ${timestamp(message.at).slice(0, 16).replace('T', ' ')} ${sender.name}${place}: ${excerpt}`
  })
  return [`Found ${hits.length === 1 ? 'one message' : `${hits.length} messages`}:`, ...lines].join('\n')
}
