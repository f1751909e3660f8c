/** Judges addresses that users give us to call. */
export interface OutboundPolicy {
  /** Whether a URL may be stored as a webhook: http(s), no credentials in it, no address that is private unless allowed. */
  mayCall(url: string): boolean
}

/** Why a call got no answer. The codes are stable: logs and metrics carry them. */
export type OutboundFailure =
  /** Not http(s), not a URL, or one with credentials in it. */
  | 'url_refused'
  /** Leads to an address that is not public and not allowed. */
  | 'address_refused'
  | 'name_unknown'
  | 'unreachable'
  | 'tls_failed'
  | 'timed_out'
  /** More head or body than the caller takes. */
  | 'answer_too_large'
  /** Not HTTP, or cut off. */
  | 'answer_broken'
  | 'redirected_too_often'
  /** By the caller's signal, or because the guard was closed. */
  | 'cancelled'

/** What an `OperatorFetch`, or reading its answer, fails with. `detail` is for logs. Holds no secret. */
export class CallFailed extends Error {
  readonly failure: OutboundFailure
  readonly detail: string

  constructor(failure: OutboundFailure, detail: string = failure) {
    super(failure)
    this.name = 'CallFailed'
    this.failure = failure
    this.detail = detail
  }
}

/**
 * `fetch` for addresses that the operator gave us, this machine's own among them. Follows no redirect, uses no proxy, and
 * takes answers of limited size. Its time is the caller's to limit, by the signal in `init`.
 */
export type OperatorFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * `fetch` for addresses that people, documents and services gave us. Connects to no address that is private, link-local or
 * otherwise not public unless the operator allows it; a name is judged by the address that is connected to. Follows no
 * redirect: one is an answer like any other. Nothing is decompressed, and answers are of limited size. Fails with CallFailed.
 */
export type GuardedFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>
