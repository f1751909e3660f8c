import type { DeliveredFrame } from '@parley/protocol/rooms/level2/messages'
import type { ConnectFrame } from '@parley/protocol/rooms/level2/resume'
import type { SendMessage, Sent } from '../../../core/commands/sending.ts'
import type { Refusal } from '../../../core/refusals.ts'
import { givenRole } from '../../../core/user.ts'
import { timestamp } from '../../timestamp.ts'
import type { Opened, View, Write } from '../../view.ts'
import { refusedText } from '../answers.ts'
import { frame, nameOf, text } from '../shapes.ts'
import { common } from '../view.ts'
import { decode } from './decode.ts'
import { encode, encodeSteps, readState, receipts, roomAdded } from './encode.ts'

/** Our own extension of the protocol of rooms: everything of the product is reachable here. */
export const level2View: View = {
  ...common,
  name: 'rooms-2',
  accepts: query => query.get('v') === '2',
  catchUp: 'cursor',
  shows: ({ kind }) => kind !== 'directory',
  decode,
  greet: opened => JSON.stringify(greeting(opened)),
  encode,
  encodeSteps,
  // Every connection hears everything in the order of the room, so that its cursor has no holes. Typing has no place there.
  hides: event => (event.type === 'typing.changed' ? event.user.id : undefined),
  receipts,
  readState: (room, readTo, unread) => JSON.stringify(readState(room, readTo, unread)),
  added: roomAdded,
  sent,
  refused,
}

function greeting({ connection, user, at }: Opened): ConnectFrame {
  const data: ConnectFrame['data'] = {
    connection_id: connection,
    status: 'connected',
    server_time: timestamp(at),
    level: 2,
    user_id: user.id,
    username: user.name,
    role: givenRole(user.role),
    resume: true,
  }
  return frame('connect', data, { at, user: user.id })
}

function sent({ message, room, isRepeat }: Sent, command: SendMessage): string {
  const id = command.clientId ?? message.id
  const data: DeliveredFrame['data'] = {
    message_id: id,
    id: message.id,
    number: message.number,
    seq: message.seq,
    ordinal: message.ordinal,
    room: message.room,
    conversation_id: message.conversation,
    status: 'delivered',
    timestamp: timestamp(message.at),
    repeated: isRepeat,
  }
  return text('delivery_confirmation', data, { at: message.at, room: nameOf(room), id, user: message.sender })
}

function refused(refusal: Refusal, command: Write): string | null {
  // A receipt is passed over where there is nothing to mark.
  if (command.type === 'read.message') return null
  return refusedText(refusal, { id: command.clientId ?? null, room: null })
}
