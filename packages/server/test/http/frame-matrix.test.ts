import { up as level2 } from '@parley/protocol/rooms/level2/up'
import { up as documented } from '@parley/protocol/rooms/up'
import { expect, it } from 'vitest'
import { RoomsClient, type RoomsFrame } from '../rooms/client.ts'
import { FRAME_CASES } from './frame-cases.ts'
import { CELLS, expectedOf, openArena, openScene } from './room-world.ts'

const LEVELS = { documented: { up: documented, query: {} }, level2: { up: level2, query: { v: '2' } } } as const
const ROWS = (['documented', 'level2'] as const).flatMap(level =>
  Object.entries(FRAME_CASES[level]).map(([type, one]) => [level, type, one] as const),
)

it.each(['documented', 'level2'] as const)('[HTTP-115] has a case for every frame of a client: %s', level => {
  expect(Object.keys(FRAME_CASES[level]).toSorted()).toEqual(Object.keys(LEVELS[level].up).toSorted())
})

/** What a client is answered to a frame: nothing at all, an error, or something else. */
function outcome(frames: readonly RoomsFrame[], says: (data: Record<string, unknown>) => string): string | undefined {
  const answer = frames.find(({ message_id }) => message_id === 'asked')
  if (!answer) return undefined
  if (answer.type === 'error') return String(answer.data.code)
  return answer.data.upload_type === 'error' ? String(answer.data.error) : says(answer.data)
}

it.each(ROWS)('[HTTP-115] who may, by role and membership: %s %s', async (level, type, one) => {
  await using site = await openArena()
  for (const cell of CELLS) {
    let client: RoomsClient | undefined
    // A connection from before: what counts is what its user is now.
    const scene = await openScene(site, cell, async caller => {
      client = await site.rooms(caller, LEVELS[level].query)
    })
    client?.send({ type, ...(await one.frame?.(scene)), message_id: 'asked' })
    client?.send({ type: 'leave_room', message_id: 'end' })
    const frames = (await client?.until(({ message_id }) => message_id === 'end')) ?? []
    const worked = (await one.worked?.(scene)) ? 'ok' : 'silent'
    const came = outcome(frames, one.says ?? (() => 'ok')) ?? worked
    expect([cell, came]).toEqual([cell, expectedOf(one.expects, cell.role, cell.membership)])
  }
})

it('[HTTP-115] nobody in particular gets a connection', async () => {
  await using site = await openArena()
  for (const query of ['', '?v=2', '?token=junk', '?v=2&token=junk', '?room_id=lobby']) {
    const opening = RoomsClient.open(`ws://127.0.0.1:${site.port}/api/v1/ws/ws${query}`)
    await expect(opening).rejects.toThrow('Unexpected server response: 401')
  }
})
