import type { Grid, Scene } from './room-world.ts'

interface Case {
  /** What is sent beside the type, without an id. */
  frame?(scene: Scene): Promise<object> | object
  /** What an answer says besides that there is one. */
  says?(data: Record<string, unknown>): string
  /** Whether it had an effect, of a frame that is never answered. */
  worked?(scene: Scene): Promise<boolean> | boolean
  /** `ok`, `silent`, the code of an error, the error of an upload, or what the answer says. */
  readonly expects: Grid<string>
}

const alike = (result: string) => ({ owner: result, member: result, outsider: result, removed: result })
const INSIDE = { owner: 'ok', member: 'ok', outsider: 'NOT_MEMBER', removed: 'NOT_MEMBER' } as const
const UNHEARD = { owner: 'ok', member: 'ok', outsider: 'silent', removed: 'silent' } as const
const DENIED = { owner: 'ok', member: 'ok', outsider: 'ROOM_ACCESS_DENIED', removed: 'ROOM_ACCESS_DENIED' } as const
const NOT_UPLOADED = { owner: 'ok', member: 'ok', outsider: 'Access denied', removed: 'Access denied' } as const

const here = ({ label }: Scene) => ({ room_id: label, data: {} })

const stopped = async (scene: Scene) => ({ data: { run_id: await scene.asked() } })
const ANSWERED_AGAIN = {
  ...{ owner: 'ok', member: 'NOT_OWNER', outsider: 'RUN_UNKNOWN', removed: 'RUN_UNKNOWN' },
  but: { admin: 'ok', viewer: { owner: 'NOT_OWNER' } },
} as const
/** What the assistant wants to do for the host. */
async function approval({ site, ask }: Scene): Promise<string> {
  const wanted = { run: await ask(), tool: 'make_note', arguments: '{}', why: 'write' } as const
  return (await site.core.execute({ kind: 'operator' }, { type: 'approval.ask', ...wanted })).approval.code
}

const ignored: Case = { expects: alike('silent') }

/** What becomes of the frames of both levels, sent about a group of somebody's by whoever may be in it. */
const documented: Readonly<Record<string, Case>> = {
  chat: {
    frame: ({ label }) => ({ room_id: label, data: { message: 'x' } }),
    expects: { ...DENIED, but: { admin: 'ok', viewer: 'ROLE_FORBIDS' } },
  },
  typing: {
    frame: ({ label }) => ({ data: { is_typing: true, room_id: label } }),
    worked: ({ site, room, caller }) => site.core.context.typing.in(room.id).some(({ id }) => id === caller.user.id),
    expects: { ...UNHEARD, but: { viewer: 'silent' } },
  },
  join_room: {
    frame: ({ label }) => ({ data: { room_id: label } }),
    expects: { ...DENIED, but: { admin: 'ok' } },
  },
  leave_room: { frame: ({ label }) => ({ data: { room_id: label } }), expects: INSIDE },
  file_upload: {
    frame: ({ label }) => ({ room_id: label, data: { upload_type: 'init', file_name: 'a.txt', file_size: 1 } }),
    expects: { ...NOT_UPLOADED, but: { viewer: 'The role viewer does not allow this' } },
  },
  read_receipt: {
    frame: ({ label, message }) => ({ room_id: label, data: { message_id: message.id } }),
    worked: async ({ site, message, caller }) =>
      (await site.core.context.store.receipts(message.id)).some(({ user }) => user === caller.user.id),
    expects: UNHEARD,
  },
  connect: ignored,
  disconnect: ignored,
  delivery_confirmation: ignored,
  error: ignored,
  system: ignored,
}

const level2: Readonly<Record<string, Case>> = {
  ...documented,
  resume: {
    frame: ({ room }) => ({ data: { rooms: [{ room: room.id, seq: 0 }] } }),
    says: ({ rooms }) => ((rooms as { reset: boolean }[])[0]?.reset ? 'reset' : 'ok'), // as the schema has it
    expects: { owner: 'ok', member: 'ok', outsider: 'reset', removed: 'reset' },
  },
  rooms: {
    frame: () => ({}),
    says: ({ total }) => (total === 2 ? 'ok' : 'without'), // the lobby is the other one
    expects: { owner: 'ok', member: 'ok', outsider: 'without', removed: 'without' },
  },
  history: { frame: here, expects: INSIDE },
  open_direct: {
    frame: ({ other }) => ({ data: { user_id: other.user.id } }),
    expects: { ...alike('ok'), but: { bot: 'ROLE_FORBIDS', viewer: 'ROLE_FORBIDS' } },
  },
  room: { frame: here, expects: INSIDE },
  change_room: {
    frame: ({ label }) => ({ room_id: label, data: { assistant: 'off' } }),
    expects: {
      ...{ owner: 'ok', member: 'NOT_OWNER', outsider: 'NOT_MEMBER', removed: 'NOT_MEMBER' },
      but: { admin: { member: 'ok' }, viewer: { owner: 'NOT_OWNER' } },
    },
  },
  read_to: { frame: here, expects: INSIDE },
  search: { frame: ({ label }) => ({ room_id: label, data: { query: 'hello' } }), expects: INSIDE },
  presence: { frame: () => ({ data: { status: 'away' } }), expects: alike('ok') },
  who: { frame: ({ host }) => ({ data: { user_ids: [host.user.id] } }), expects: alike('ok') },
  cancel_run: {
    frame: async scene => ({ data: { run_id: await scene.ask() } }),
    expects: {
      ...{ owner: 'ok', member: 'NOT_OWNER', outsider: 'RUN_UNKNOWN', removed: 'RUN_UNKNOWN' },
      but: { admin: 'ok', viewer: { owner: 'NOT_OWNER' } },
    },
  },
  continue_run: { frame: stopped, expects: ANSWERED_AGAIN },
  regenerate_run: { frame: stopped, expects: ANSWERED_AGAIN },
  approvals: {
    frame: async scene => {
      await approval(scene)
      return {}
    },
    says: ({ approvals }) => ((approvals as object[]).length === 0 ? 'none' : 'ok'), // as the schema has it
    expects: alike('none'),
  },
  decide: {
    frame: async scene => ({ data: { approval: await approval(scene), decision: 'approve' } }),
    expects: alike('APPROVAL_UNKNOWN'),
  },
  tool_credentials: {
    frame: () => ({ data: { auth_type: 'bearer_token', token: 'of elsewhere' } }),
    expects: alike('ok'),
  },
  ping: { frame: () => ({}), expects: alike('ok') },
}

export const FRAME_CASES = { documented, level2 } as const
