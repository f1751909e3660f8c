/** Judges addresses that users give us to call. */
export interface OutboundPolicy {
  /** Whether a URL may be stored as a webhook: http(s), no credentials in it, no address that is private unless allowed. */
  mayCall(url: string): boolean
}
