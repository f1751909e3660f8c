import type { Grid, Scene } from './room-world.ts'

interface Case {
  /** What stands in the path beside the room, and the body of the request. */
  request?(scene: Scene): Promise<Asked> | Asked
  readonly expects: Grid<number>
}

interface Asked {
  readonly params?: Readonly<Record<string, string>>
  readonly body?: object
}

/** What only owner and admins do; whose role lets them write nothing looks after no room either. */
const RULED = { owner: 200, member: 403, outsider: 403, removed: 403, but: { admin: 200, viewer: 403 } } as const
/** What is for who is in the room. */
const INSIDE = { owner: 200, member: 200, outsider: 403, removed: 403 } as const
/** The same, where others don't learn that it is there. */
const HIDDEN = { owner: 200, member: 200, outsider: 404, removed: 404 } as const
/** What the owner and admins have done, who are not who asked. */
const ANSWERED_AGAIN = {
  owner: 200,
  member: 403,
  outsider: 404,
  removed: 404,
  but: { admin: 200, viewer: { owner: 403 } },
} as const
const TO_NOBODY = { owner: 404, member: 404, outsider: 404, removed: 404 } as const
/** What is for somebody else who is in the room. */
const HOSTS = { owner: 403, member: 403, outsider: 404, removed: 404 } as const
const TO_ALL = { owner: 200, member: 200, outsider: 200, removed: 200 } as const

const run = async (scene: Scene) => ({ params: { run_id: await scene.ask() } })
const stopped = async (scene: Scene) => ({ params: { run_id: await scene.asked() } })
const file = async (scene: Scene) => ({ params: { file_id: await scene.upload() } })
const artefact = async (scene: Scene) => ({ params: { artefact_id: await scene.save(), version: '1' } })
const number = ({ message }: Scene) => ({ params: { number: String(message.conversation) } })

/** What anybody gets who asks something about a group of somebody's; one line for each such endpoint. */
export const ROOM_CASES: Readonly<Record<string, Case>> = {
  'GET /api/v1/ws/rooms/{room_id}': { expects: { ...INSIDE, but: { admin: 200 } } },
  'PATCH /api/v1/ws/rooms/{room_id}': { request: () => ({ body: { assistant: 'off' } }), expects: RULED },
  'DELETE /api/v1/ws/rooms/{room_id}': { expects: RULED },
  'POST /api/v1/ws/rooms/{room_id}/join': { expects: { ...INSIDE, but: { admin: 200 } } },
  'POST /api/v1/ws/rooms/{room_id}/leave': { expects: INSIDE },
  'GET /api/v1/rooms/{room_id}/members': { expects: INSIDE },
  'POST /api/v1/ws/rooms/{room_id}/members': {
    request: ({ stranger }) => ({ body: { user_id: stranger.user.id } }),
    expects: RULED,
  },
  'DELETE /api/v1/ws/rooms/{room_id}/members/{user_id}': {
    request: ({ other }) => ({ params: { user_id: other.user.id } }),
    expects: RULED,
  },
  'POST /api/v1/ws/rooms/{room_id}/invitations': { request: () => ({ body: {} }), expects: RULED },
  'POST /api/v1/invitations/accept': { request: scene => ({ body: { token: scene.invitation } }), expects: TO_ALL },
  'GET /api/v1/rooms/{room_id}/messages': { expects: INSIDE },
  'GET /api/v1/conversations/{number}/messages': { request: number, expects: HIDDEN },
  // The conversation of a room is nobody's own.
  'PATCH /api/v1/conversations/{number}': {
    request: scene => ({ ...number(scene), body: { title: 'x' } }),
    expects: TO_NOBODY,
  },
  'DELETE /api/v1/conversations/{number}': { request: number, expects: TO_NOBODY },
  'GET /api/v1/runs/{run_id}': { request: run, expects: HIDDEN },
  'POST /api/v1/runs/{run_id}/cancel': {
    request: run,
    expects: { owner: 200, member: 403, outsider: 404, removed: 404, but: { admin: 200, viewer: { owner: 403 } } },
  },
  'POST /api/v1/runs/{run_id}/continue': { request: stopped, expects: ANSWERED_AGAIN },
  'POST /api/v1/runs/{run_id}/regenerate': { request: stopped, expects: ANSWERED_AGAIN },
  'GET /api/v1/files/{file_id}': { request: file, expects: { ...HIDDEN, but: { admin: 200 } } },
  'POST /api/v1/files/{file_id}/link': { request: file, expects: { ...HIDDEN, but: { admin: 200 } } },
  // Made in the room, for its host.
  'GET /api/v1/artefacts/{artefact_id}': { request: artefact, expects: HIDDEN },
  'GET /api/v1/artefacts/{artefact_id}/export': { request: artefact, expects: HIDDEN },
  'PATCH /api/v1/artefacts/{artefact_id}': {
    request: async scene => ({ ...(await artefact(scene)), body: { data: { genre: 'x' } } }),
    expects: HOSTS,
  },
  'DELETE /api/v1/artefacts/{artefact_id}': { request: artefact, expects: HOSTS },
  'GET /api/v1/artefacts/{artefact_id}/versions': { request: artefact, expects: HOSTS },
  'POST /api/v1/artefacts/{artefact_id}/versions/{version}/restore': { request: artefact, expects: HOSTS },
}
