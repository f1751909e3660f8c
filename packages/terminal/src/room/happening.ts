import type {
  AddedFile,
  Approval,
  ConnectionState,
  FoundMessage,
  Person,
  RoomInfo,
  RunEnd,
  SentMessage,
} from '@parley/client/chat'

/** A room as its name in frames and the one that people see. */
export interface Place {
  readonly room_id: string
  readonly name: string
}

export interface Listed extends Place {
  readonly type: RoomInfo['room_type'] | null
  readonly unread: number
  readonly mentions: number
  readonly members: number
}

export type Connection = Exclude<ConnectionState['state'], 'new'>

/**
 * What the room mode tells of, in the order in which it happened. With `--json` each is one line as it stands here; times are ISO
 * 8601. Names and texts are as their authors wrote them.
 */
export type Happening =
  /** `error` says why it waits or is closed, `delay` for how many milliseconds. */
  | {
      readonly type: 'connection'
      readonly state: Connection
      readonly delay?: number
      readonly code?: string
      readonly error?: string
    }
  /** We are who. Once, when first connected. */
  | { readonly type: 'signed_in'; readonly user_id: string; readonly username: string }
  /** Lines are for that room from now on. `messages` are its newest ones, oldest first. */
  | ({
      readonly type: 'entered'
      readonly read_to: number
      readonly unread: number
      readonly messages: readonly SentMessage[]
      readonly more_before: boolean
    } & Place)
  | ({ readonly type: 'left_room' } & Place)
  /** In whichever of our rooms. `mention`: it names us, or is written to us alone. */
  | ({
      readonly type: 'message'
      readonly own: boolean
      readonly mention: boolean
      readonly message: SentMessage
    } & Place)
  | ({ readonly type: 'edited'; readonly message: SentMessage } & Place)
  | ({ readonly type: 'deleted'; readonly id: string; readonly ordinal: number } & Place)
  | ({ readonly type: 'joined' | 'left' } & Person & Place)
  | ({ readonly type: 'changed'; readonly closed: boolean } & Place)
  | ({ readonly type: 'file'; readonly file: AddedFile } & Place)
  /** Too much was missed to be told one by one. */
  | ({ readonly type: 'reset' } & Place)
  /** Somebody begins to answer; the parts of the text; what else is done; and the end. The text then comes as a message, too. */
  | ({ readonly type: 'run'; readonly run_id: string; readonly agent: string; readonly started_at: string } & Place)
  | ({ readonly type: 'run_text'; readonly run_id: string; readonly text: string } & Place)
  | ({ readonly type: 'run_note'; readonly run_id: string; readonly text: string } & Place)
  | ({
      readonly type: 'run_end'
      readonly run_id: string
      readonly state: RunEnd
      readonly error: string | null
    } & Place)
  /** A message of ours: under way, stored, refused. */
  | ({ readonly type: 'sending'; readonly client_id: string; readonly text: string } & Place)
  | ({ readonly type: 'sent'; readonly client_id: string; readonly message: SentMessage } & Place)
  | ({
      readonly type: 'refused'
      readonly client_id: string
      readonly text: string
      readonly code: string
      readonly error: string
    } & Place)
  | ({ readonly type: 'typing'; readonly people: readonly string[] } & Place)
  | { readonly type: 'unread'; readonly rooms: readonly Listed[] }
  /** A file on its way, in bytes. */
  | {
      readonly type: 'transfer'
      readonly direction: 'upload' | 'download'
      readonly name: string
      readonly done: number
      readonly total: number
    }
  | {
      readonly type: 'transferred'
      readonly direction: 'upload' | 'download'
      readonly name: string
      readonly outcome: 'done' | 'cancelled' | 'failed'
      /** Where a download is; the id of an upload. */
      readonly where: string | null
    }
  | Answer
  | { readonly type: 'error'; readonly code: string; readonly error: string }

/** What a command asked for. */
export type Answer =
  | { readonly type: 'rooms'; readonly rooms: readonly Listed[] }
  | { readonly type: 'approvals'; readonly approvals: readonly Approval[] }
  | ({ readonly type: 'members'; readonly people: readonly Person[] } & Place)
  | ({
      readonly type: 'who'
      readonly people: readonly { readonly username: string; readonly status: string; readonly text: string | null }[]
    } & Place)
  | ({ readonly type: 'history'; readonly messages: readonly SentMessage[]; readonly more_before: boolean } & Place)
  /** Messages that were searched for, newest first. `hits` are starts and ends in the excerpt. */
  | {
      readonly type: 'found'
      readonly text: string
      readonly results: readonly (Place & Pick<FoundMessage, 'message' | 'excerpt' | 'hits'>)[]
      readonly more: boolean
    }
  | ({
      readonly type: 'invitation'
      readonly token: string
      readonly url: string | null
      readonly expires_at: string
    } & Place)
  | { readonly type: 'notice'; readonly text: string }
