export type { FileLink } from '@parley/protocol/rooms/files'
export type {
  ArtefactInfo,
  ArtefactKind,
  ArtefactShown,
  ArtefactVersion,
} from '@parley/protocol/rooms/level2/artefacts'
export type { Invitation } from '@parley/protocol/rooms/level2/endpoints'
export type { BackoffOptions } from '../backoff.ts'
export type { Bytes } from '../bytes.ts'
export type { Clock } from '../clock.ts'
export type { Listener } from '../emitter.ts'
export type { HttpRequest } from '../http.ts'
export type { Credentials, TokenSource } from './access.ts'
export type { ArtefactFilter, Artefacts, DocumentFormat, Page, PageOptions } from './artefacts.ts'
export type { RoomChange, ToolCredentials } from './asks.ts'
export { ChatClient, type Conversation, type Decision } from './client.ts'
export type { ConnectionState } from './connection.ts'
export { ChatError, type ClientCode } from './errors.ts'
export type { Presence } from './frames.ts'
export type { ChatClientOptions, ChatEvent } from './options.ts'
export { type ChatPlace, chatPlaceOf } from './place.ts'
export type {
  Asked,
  HistoryOptions,
  HistoryPage,
  JoinOptions,
  Messages,
  Room,
  SendOptions,
} from './room.ts'
export type { Membership, RoomEvent } from './room-events.ts'
export type { AddedFile, FailedMessage, SendingMessage, SentMessage, ShownMessage } from './room-log.ts'
export type { Run, RunResult, RunStep } from './run.ts'
export type { FoundMessage, SearchOptions, SearchPage } from './search.ts'
export { type ChatStorage, memoryStorage, type WebStorage, webStorage } from './storage.ts'
export type { UploadedFile, UploadOptions, UploadProgress } from './upload.ts'
export type { Approval, AssistantRule, Message, Person, RoomInfo, RoomType, RunEnd, RunInfo } from './wire.ts'
