/** The numbers of level 2 of the rooms protocol. Free of dependencies, so that a browser may load it. */

/** Longest `message_id`, in Unicode code points. */
export const REQUEST_ID_MAX = 128
/** Frames a connection may send per second, and at once. */
export const FRAME_RATE = 50
export const FRAME_BURST = 200

/** Most rooms and runs of one `resume`. */
export const RESUME_ROOMS_MAX = 1_000
export const RESUME_RUNS_MAX = 100
/** A cursor that is further behind is reset. */
export const REPLAY_MAX = 10_000

/** Entries of a list when the client names no limit, and the most it gets: a larger wish is clamped. */
export const ROOMS_LIMIT_DEFAULT = 100
export const MESSAGES_LIMIT_DEFAULT = 50
export const LIST_LIMIT_MAX = 200
/** The same of what a search found. */
export const SEARCH_LIMIT_DEFAULT = 20
export const SEARCH_LIMIT_MAX = 50
/** Longest text that is searched for, in Unicode code points. */
export const SEARCH_TEXT_MAX = 200
/** Most members that one REST answer names. */
export const MEMBERS_LIMIT_MAX = 500

/** Most steps of a run in one REST answer. */
export const RUN_STEPS_MAX = 1_000

/** Most approvals that are listed. */
export const APPROVALS_MAX = 100

/** Most users of one `who`. */
export const WHO_MAX = 200
/** Longest text beside a status, in Unicode code points. */
export const STATUS_TEXT_MAX = 100
/** Most message ids of one receipt. */
export const RECEIPT_MAX = 1_000
/** Longest title of a conversation, in Unicode code points. */
export const TITLE_MAX = 200
