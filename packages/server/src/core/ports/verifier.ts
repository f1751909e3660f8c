/** Credentials of elsewhere, as the headers that requests to elsewhere would carry. */
export type Headers = Readonly<Record<string, string>>

/** What became of a check. `detail` is in words for whoever showed the credentials; null for none. */
export type Verdict = { readonly state: 'accepted' } | { readonly state: 'rejected'; readonly detail: string | null }

/** Judges credentials that this server did not give. Keeps none, logs none. */
export interface Verifier {
  /** Never rejects: where it can't be told they are rejected. */
  verify(headers: Headers): Promise<Verdict>
}
