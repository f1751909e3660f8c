import type {
  ApprovalsShownFrame,
  DecidedFrame,
  ToolCredentialsShownFrame,
} from '@parley/protocol/rooms/level2/approvals'
import type { DeliveredFrame, HistoryPageFrame, ReadStateFrame } from '@parley/protocol/rooms/level2/messages'
import type { PresentFrame, WhoAnswerFrame } from '@parley/protocol/rooms/level2/presence'
import type { ResumedFrame } from '@parley/protocol/rooms/level2/resume'
import type { JoinedFrame, RoomDetailFrame, RoomListFrame } from '@parley/protocol/rooms/level2/room-list'
import type { RunAgain, RunCancelledFrame } from '@parley/protocol/rooms/level2/runs'
import type { SearchResultsFrame } from '@parley/protocol/rooms/level2/search'
import type { LeftFrame, RoomType } from '@parley/protocol/rooms/rooms'
import type { AssistantRule, RoomInfo } from './wire.ts'

/** What an asker may want of the model. Any of them also asks the assistant. */
export interface AskOptions {
  readonly model_preference?: string | undefined
  readonly system_prompt?: string | undefined
  /** 0 to 2. */
  readonly temperature?: number | undefined
  readonly max_tokens?: number | undefined
}

export type Delivered = DeliveredFrame['data']
export type Resumed = ResumedFrame['data']
export type Joined = JoinedFrame['data']

export interface HistoryQuery {
  /** Ordinals; at most one of the three. The newest messages without any. */
  readonly before?: number | undefined
  readonly after?: number | undefined
  readonly around?: number | undefined
  /** At most 200. Default 50. */
  readonly limit?: number | undefined
  readonly conversation_id?: number | undefined
}

export interface RoomChange {
  readonly name?: string | undefined
  readonly assistant?: AssistantRule | undefined
  readonly closed?: boolean | undefined
  /** Id of a user. */
  readonly owner?: string | undefined
}

/** Credentials of elsewhere, for the tools that agents use. */
export type ToolCredentials =
  | { readonly auth_type: 'bearer_token'; readonly token: string }
  /** The header is `X-API-Key` unless named. */
  | { readonly auth_type: 'api_key'; readonly api_key: string; readonly api_key_header?: string | undefined }
  | { readonly auth_type: 'basic_auth'; readonly username: string; readonly password: string }
  /** The server gets a token when a tool needs one. */
  | {
      readonly auth_type: 'oauth2'
      readonly client_id: string
      readonly client_secret: string
      readonly token_url: string
      readonly scope?: string | undefined
    }
  | { readonly auth_type: 'custom'; readonly custom_headers: Readonly<Record<string, string>> }

/** What an upload is told. */
export interface UploadAnswer {
  readonly upload_type: 'init_response' | 'progress' | 'completed' | 'cancelled' | 'error'
  readonly file_id: string | null
  readonly max_chunk_size?: number
  readonly file_url?: string
  readonly file_name?: string
  readonly file_size?: number
  readonly mime_type?: string
  readonly checksum?: string
  readonly error?: string
}

/** Every request: its `data`, and that of its answer. */
export interface Asks {
  readonly chat: {
    readonly data: AskOptions & {
      readonly message: string
      readonly reply_to?: string | undefined
      readonly conversation_id?: number | undefined
    }
    readonly answer: Delivered
  }
  readonly resume: {
    readonly data: {
      readonly rooms: readonly { readonly room: string; readonly seq: number }[]
      readonly runs: readonly { readonly run_id: string; readonly n: number }[]
    }
    readonly answer: Resumed
  }
  readonly rooms: {
    readonly data: { readonly offset: number; readonly limit: number }
    readonly answer: RoomListFrame['data']
  }
  readonly history: { readonly data: HistoryQuery; readonly answer: HistoryPageFrame['data'] }
  readonly search: {
    readonly data: {
      readonly query: string
      readonly sender?: string | undefined
      readonly from?: string | undefined
      readonly until?: string | undefined
      readonly before?: number | undefined
      readonly limit?: number | undefined
    }
    readonly answer: SearchResultsFrame['data']
  }
  readonly open_direct: {
    readonly data: { readonly user_id?: string | undefined; readonly username?: string | undefined }
    readonly answer: RoomInfo
  }
  readonly room: {
    readonly data: Readonly<Record<string, never>>
    readonly answer: RoomDetailFrame['data']
  }
  readonly change_room: { readonly data: RoomChange; readonly answer: RoomInfo }
  readonly read_to: {
    readonly data: { readonly up_to?: number | undefined }
    readonly answer: ReadStateFrame['data']
  }
  readonly presence: {
    readonly data: { readonly status: 'online' | 'away'; readonly text?: string | undefined }
    readonly answer: PresentFrame['data']
  }
  readonly who: {
    readonly data: { readonly user_ids: readonly string[] }
    readonly answer: WhoAnswerFrame['data']
  }
  readonly cancel_run: { readonly data: { readonly run_id: string }; readonly answer: RunCancelledFrame['data'] }
  readonly continue_run: { readonly data: { readonly run_id: string }; readonly answer: RunAgain }
  readonly regenerate_run: { readonly data: { readonly run_id: string }; readonly answer: RunAgain }
  readonly approvals: { readonly data: Readonly<Record<string, never>>; readonly answer: ApprovalsShownFrame['data'] }
  readonly decide: {
    readonly data: {
      readonly approval: string
      readonly decision: 'approve' | 'deny'
      readonly privately?: boolean | undefined
    }
    readonly answer: DecidedFrame['data']
  }
  readonly tool_credentials: {
    readonly data: ToolCredentials | Readonly<Record<string, never>>
    readonly answer: ToolCredentialsShownFrame['data']
  }
  readonly join_room: {
    readonly data: {
      readonly room_id: string
      readonly room_name?: string | undefined
      readonly room_type?: RoomType | undefined
    }
    readonly answer: Joined
  }
  readonly leave_room: { readonly data: { readonly room_id: string }; readonly answer: LeftFrame['data'] }
  readonly file_upload: { readonly data: object; readonly answer: UploadAnswer }
}

export type AskType = keyof Asks

/** The type of the frame that answers each: an event of the same id is none. */
export const ANSWER: Readonly<Record<AskType, string>> = {
  chat: 'delivery_confirmation',
  resume: 'resumed',
  rooms: 'rooms',
  history: 'history',
  search: 'search_results',
  open_direct: 'room',
  room: 'room',
  change_room: 'room',
  read_to: 'read_state',
  presence: 'presence',
  who: 'who',
  cancel_run: 'run_cancelled',
  continue_run: 'run_again',
  regenerate_run: 'run_again',
  approvals: 'approvals',
  decide: 'decided',
  tool_credentials: 'tool_credentials',
  join_room: 'join_room',
  leave_room: 'leave_room',
  file_upload: 'file_upload',
}
