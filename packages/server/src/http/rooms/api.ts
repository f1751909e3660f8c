import { account, done, socketToken, tokens, verified } from '@parley/protocol/rooms/accounts'
import { connectionShown, roomCreated, roomShown, stats, userConnections } from '@parley/protocol/rooms/endpoints'
import { errorBody, invalidBody } from '@parley/protocol/rooms/errors'
import { fileLink } from '@parley/protocol/rooms/files'
import {
  artefactInfo,
  artefactKind,
  artefactKinds,
  artefacts as artefactPage,
  artefactShown,
  artefactVersions,
} from '@parley/protocol/rooms/level2/artefacts'
import {
  conversations as conversationPage,
  conversationShown,
  invitation,
  members as memberPage,
  runShown,
} from '@parley/protocol/rooms/level2/endpoints'
import { historyData, message } from '@parley/protocol/rooms/level2/messages'
import { roomIdentity, roomInfo, roomList } from '@parley/protocol/rooms/level2/room-list'
import { person, runCancelled, runInfo } from '@parley/protocol/rooms/level2/runs'
import { searchData } from '@parley/protocol/rooms/level2/search'
import type { ErrorShapes, Family } from '../endpoint.ts'
import { accounts } from './accounts.ts'
import { artefacts } from './artefacts.ts'
import { connections } from './connections.ts'
import { conversations } from './conversations.ts'
import { rooms as dialect } from './dialect.ts'
import { files } from './files.ts'
import { lists } from './lists.ts'
import { members } from './members.ts'
import { passwords } from './passwords.ts'
import { rooms } from './rooms.ts'
import { runs } from './runs.ts'
import { search } from './search.ts'

/** Where every path of the rooms protocol begins. */
export const PREFIX = '/api/v1'

const errors: ErrorShapes = { error: errorBody, invalid: invalidBody, statuses: dialect.statuses }

/** Every endpoint of the rooms protocol. */
export const families: readonly Family[] = [
  { name: 'Sign-in', endpoints: accounts, errors },
  { name: 'Passwords and addresses', endpoints: passwords, errors },
  { name: 'Rooms', endpoints: rooms, errors },
  { name: 'Members of rooms', endpoints: members, errors },
  { name: 'What was said', endpoints: lists, errors },
  { name: 'Search', endpoints: search, errors },
  { name: 'Talks with the assistant', endpoints: conversations, errors },
  { name: 'Runs', endpoints: runs, errors },
  { name: 'Files', endpoints: files, errors },
  { name: 'Artefacts', endpoints: artefacts, errors },
  { name: 'Connections', endpoints: connections, errors },
]

/**
 * The other path at which an endpoint is served, if any: servers of the documented protocol have what is under `/ws` under
 * `/ws/ws`.
 */
export const alsoAt = (path: string): string | undefined =>
  path.startsWith(`${PREFIX}/ws/`) ? `${PREFIX}/ws${path.slice(PREFIX.length)}` : undefined

/** Parts come before what they are part of. */
export const schemas = {
  RoomsError: errorBody,
  RoomsValidationError: invalidBody,
  Account: account,
  Tokens: tokens,
  VerifiedToken: verified,
  SocketToken: socketToken,
  Done: done,
  FileLink: fileLink,
  Stats: stats,
  RoomCreated: roomCreated,
  RoomShown: roomShown,
  Person: person,
  RoomIdentity: roomIdentity,
  RoomInfo: roomInfo,
  RoomList: roomList,
  RoomMembers: memberPage,
  Invitation: invitation,
  RunInfo: runInfo,
  RunShown: runShown,
  RunCancelled: runCancelled,
  RoomMessage: message,
  RoomMessages: historyData,
  SearchResults: searchData,
  AssistantConversation: conversationShown,
  AssistantConversations: conversationPage,
  ArtefactKind: artefactKind,
  ArtefactKinds: artefactKinds,
  ArtefactInfo: artefactInfo,
  ArtefactList: artefactPage,
  Artefact: artefactShown,
  ArtefactVersions: artefactVersions,
  Connection: connectionShown,
  UserConnections: userConnections,
}
