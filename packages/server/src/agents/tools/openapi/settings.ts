import type { Audience } from '../audience.ts'

/** An HTTP service that the operator lets the assistant use. */
export interface OpenApiService {
  /** Unique among all services: 1 to 40 of letters, digits, `_` and `-`. */
  readonly name: string
  /** Absolute path of a file, or URL. */
  readonly document: string
  /** Where the service is, without a slash at the end; null for where its document says. */
  readonly server: string | null
  /** Which operations there are: patterns, see `selects`; null for all. */
  readonly allow: readonly string[] | null
  /** Which of them there are not. */
  readonly exclude: readonly string[]
  /** Which of them only read although they are POST. */
  readonly readOnlyPosts: readonly string[]
  /** Whether what the asker showed for elsewhere goes along. */
  readonly forwardsCredentials: boolean
  /** Sent with every call, and never shown. */
  readonly headers: Readonly<Record<string, string>>
  /** For a call, in milliseconds. */
  readonly timeLimit: number
  readonly audience: Audience
}
