import type { ChatFrame, HistoryFrame, ReadToFrame } from '@parley/protocol/rooms/level2/messages'
import type { PresenceFrame, WhoFrame } from '@parley/protocol/rooms/level2/presence'
import type { ResumedFrame, ResumeFrame } from '@parley/protocol/rooms/level2/resume'
import type {
  ChangeRoomFrame,
  JoinedFrame,
  OpenDirectFrame,
  RoomDetailFrame,
  RoomFrame,
  RoomListFrame,
  RoomsFrame,
} from '@parley/protocol/rooms/level2/room-list'
import type { ContinueRunFrame, RegenerateRunFrame } from '@parley/protocol/rooms/level2/runs'
import type { SearchFrame } from '@parley/protocol/rooms/level2/search'
import { type UpFrame, up } from '@parley/protocol/rooms/level2/up'
import type { JoinRoomFrame, LeaveRoomFrame } from '@parley/protocol/rooms/rooms'
import type { TypingFrame } from '@parley/protocol/rooms/typing'
import type { Place } from '../../../core/commands/targets.ts'
import { messageId, type RoomId, type RunId, type UserId } from '../../../core/ids.ts'
import { refuse } from '../../../core/refusals.ts'
import type { Ask, Asking, Decoded, Resumed } from '../../view.ts'
import { type About, question, refusedText } from '../answers.ts'
import { about, askOf, joinedData, roomRequired, textOf, typing } from '../decode.ts'
import { left } from '../encode.ts'
import { firstIssue, reader } from '../reading.ts'
import { frame, nameOf, person } from '../shapes.ts'
import { decodeUpload } from '../uploads.ts'
import { approvals, decide, toolCredentials } from './approvals.ts'
import { readState } from './encode.ts'
import { foundOf, historyOf, patchOf, refOf, roomInfo, runAgain, searchOf, whereOf } from './shapes.ts'

const NOTHING: Decoded = { state: 'nothing' }

/** What a text frame of a client at level 2 means. */
export const decode = reader<UpFrame>(up, understand, firstIssue)

function understand(of: UpFrame): Decoded {
  switch (of.type) {
    case 'chat':
      return decodeChat(of)
    case 'resume':
      return decodeResume(of)
    case 'rooms':
      return decodeRooms(of)
    case 'history':
      return decodeHistory(of)
    case 'search':
      return decodeSearch(of)
    case 'open_direct':
      return decodeDirect(of)
    case 'room':
      return decodeRoom(of)
    case 'change_room':
      return decodeChange(of)
    case 'read_to':
      return decodeReadTo(of)
    case 'presence':
      return decodePresence(of)
    case 'who':
      return decodeWho(of)
    case 'cancel_run':
      return question({ type: 'run.cancel', id: of.data.run_id }, about(of), ({ run }) =>
        answer('run_cancelled', { run_id: run.id }, about(of)),
      )
    case 'continue_run':
      return decodeAgain(of, 'run.continue')
    case 'regenerate_run':
      return decodeAgain(of, 'run.regenerate')
    case 'approvals':
      return approvals(about(of))
    case 'decide':
      return decide(of, about(of))
    case 'tool_credentials':
      return toolCredentials(of, about(of))
    case 'ping':
      return { state: 'reply', text: JSON.stringify(answer('pong', {}, about(of))) }
    case 'typing':
      return decodeTyping(of)
    case 'join_room':
      return decodeJoin(of)
    case 'leave_room':
      return decodeLeave(of)
    case 'read_receipt':
      return of.data.message_id == null
        ? NOTHING
        : { state: 'write', write: { type: 'read.message', id: String(of.data.message_id) } }
    case 'file_upload':
      return decodeUpload(of)
    case 'connect':
    case 'disconnect':
    case 'delivery_confirmation':
    case 'error':
    case 'system':
      return NOTHING
    default:
      return of satisfies never
  }
}

const answer = <T extends string, D extends object>(type: T, data: D, { id, room }: About) =>
  frame(type, data, { at: Date.now(), id, room })

function decodeChat(of: ChatFrame): Decoded {
  const body = textOf(of.data, about(of))
  if (typeof body !== 'string') return body
  const { reply_to, conversation_id } = of.data
  const to: Place = of.room_id ? { at: 'room', ref: refOf(of.room_id), unknown: 'refuse' } : { at: 'conversation' }
  return {
    state: 'write',
    write: {
      type: 'message.send',
      to,
      body,
      clientId: of.message_id,
      onConflict: 'refuse',
      replyTo: reply_to ? (messageId(reply_to) ?? null) : null,
      conversation: conversation_id ?? null,
      ask: askOf(of.data),
    },
  }
}

function decodeResume(of: ResumeFrame): Ask {
  const command = {
    type: 'resume.plan',
    // The schema takes uuids only.
    rooms: (of.data.rooms ?? []).map(({ room, seq }) => ({ room: room.toLowerCase() as RoomId, seq })),
    runs: (of.data.runs ?? []).map(({ run_id, n }) => ({ run: run_id.toLowerCase() as RunId, n })),
  } as const
  return {
    state: 'ask',
    type: 'resume.plan',
    async perform({ core, actor, connection }: Asking) {
      const plan = () => core.execute(actor, command)
      await connection.resume(plan, done => JSON.stringify(answer('resumed', resumed(done), about(of))))
      return null
    },
    refused: refusal => refusedText(refusal, about(of)),
  }
}

/** Where the client is now: what is stored and was not shown yet is still to come. */
const resumed = ({ plan: { rooms, runs }, shown }: Resumed): ResumedFrame['data'] => ({
  rooms: rooms.map(({ id, room, seq, isReset }) => ({
    room: id,
    room_id: room && nameOf(room),
    seq: shown.get(id) ?? seq,
    reset: isReset,
  })),
  runs: runs.map(({ id, n, isReset }) => ({ run_id: id, n: shown.get(id) ?? n, reset: isReset })),
})

function decodeRooms(of: RoomsFrame): Ask {
  const { offset, limit } = of.data
  return question({ type: 'room.list', offset, limit }, about(of), ({ items, total, unread }) => {
    const data: RoomListFrame['data'] = { rooms: items.map(roomInfo), total, unread_total: unread }
    return answer('rooms', data, about(of))
  })
}

function decodeHistory(of: HistoryFrame): Ask {
  const { limit, conversation_id } = of.data
  const window = { where: whereOf(of.data), limit, conversation: conversation_id ?? null }
  return question({ type: 'room.history', ref: refOf(of.room_id), ...window }, about(of), page =>
    answer('history', historyOf(page), { ...about(of), room: nameOf(page.room) }),
  )
}

function decodeSearch(of: SearchFrame): Ask {
  const { query: text, ...rest } = of.data
  return question({ type: 'search.messages', ...searchOf({ ...rest, text, room: of.room_id }) }, about(of), page =>
    answer('search_results', foundOf(page), about(of)),
  )
}

function decodeDirect(of: OpenDirectFrame): Ask {
  const ref = of.data.user_id ?? of.data.username ?? ''
  return question({ type: 'room.open_direct', ref }, about(of), view =>
    answer('room', roomInfo(view), { ...about(of), room: nameOf(view.room) }),
  )
}

function decodeRoom(of: RoomFrame): Ask {
  const ref = refOf(of.room_id)
  return {
    ...question({ type: 'room.view', ref }, about(of), () => null),
    async perform({ core, actor }: Asking) {
      const view = await core.execute(actor, { type: 'room.view', ref })
      const { people, typing } = await core.execute(actor, { type: 'room.show', ref })
      const data: RoomDetailFrame['data'] = {
        ...roomInfo(view),
        members: people.map(person),
        typing_users: typing.map(({ id }) => id),
      }
      return JSON.stringify(answer('room', data, { ...about(of), room: nameOf(view.room) }))
    },
  }
}

function decodeChange(of: ChangeRoomFrame): Ask {
  const patch = patchOf(of.data)
  const ref = refOf(of.room_id)
  return {
    ...question({ type: 'room.change', ref, patch }, about(of), () => null),
    async perform({ core, actor }: Asking) {
      // The answer is the room as a member sees it: who is none changes nothing by a frame.
      await core.execute(actor, { type: 'room.view', ref })
      await core.execute(actor, { type: 'room.change', ref, patch })
      const view = await core.execute(actor, { type: 'room.view', ref })
      return JSON.stringify(answer('room', roomInfo(view), { ...about(of), room: nameOf(view.room) }))
    },
  }
}

function decodeReadTo(of: ReadToFrame): Ask {
  const upTo = of.data.up_to ?? 'head'
  return question({ type: 'read.to', ref: refOf(of.room_id), upTo }, about(of), ({ room, readTo, unread }) =>
    readState(room, readTo, unread, about(of).id),
  )
}

function decodePresence(of: PresenceFrame): Ask {
  const { status, text } = of.data
  return {
    ...question({ type: 'presence.set', status, text: text ?? null }, about(of), () => null),
    async perform({ core, actor }: Asking) {
      const shown = await core.execute(actor, { type: 'presence.set', status, text: text ?? null })
      if (actor.kind !== 'user') return refuse({ code: 'unauthenticated' })
      return JSON.stringify(answer('presence', { ...person(actor.user), ...shown }, about(of)))
    },
  }
}

function decodeWho(of: WhoFrame): Ask {
  const users = of.data.user_ids.map(id => id.toLowerCase() as UserId) // the schema takes uuids only
  return question({ type: 'presence.of', users }, about(of), found =>
    answer('who', { users: found.map(({ user, status, text }) => ({ user_id: user, status, text })) }, about(of)),
  )
}

function decodeAgain(of: ContinueRunFrame | RegenerateRunFrame, type: 'run.continue' | 'run.regenerate'): Ask {
  const here = about(of)
  return question({ type, id: of.data.run_id, clientId: here.id }, here, ({ run, isRepeat }) =>
    answer('run_again', runAgain(run, isRepeat), here),
  )
}

function decodeTyping({ data, room_id }: TypingFrame): Decoded {
  const room = data.room_id ?? room_id
  return room ? typing({ at: 'room', ref: refOf(room), unknown: 'refuse' }, data.is_typing ?? false) : NOTHING
}

function decodeJoin(of: JoinRoomFrame): Decoded {
  const label = of.data.room_id ?? of.room_id
  if (!label) return roomRequired(about(of))
  const { room_name, room_type } = of.data
  const command = { type: 'room.join', label, name: room_name ?? label, kind: room_type ?? 'private' } as const
  return question(command, { ...about(of), room: label }, joined => {
    const data: JoinedFrame['data'] = { ...joinedData(joined), room: joined.room.id, seq: joined.seq }
    return answer('join_room', data, { ...about(of), room: label })
  })
}

function decodeLeave(of: LeaveRoomFrame): Decoded {
  const room = of.data.room_id ?? of.room_id
  if (!room) return roomRequired(about(of))
  const here = { id: about(of).id, room }
  return question({ type: 'room.leave', ref: refOf(room) }, here, ({ room, at }) => ({
    ...left(room, at),
    message_id: here.id,
  }))
}
