/** Keeps passwords so that whoever has the database still has to guess them, slowly. Never logs or throws one. */
export interface Passwords {
  /** A salted hash, as a text that says how it was made. Rejects with Refused `busy` where too many wait. */
  hash(password: string): Promise<string>
  /**
   * Whether `hash` was made of `password`. Without a hash the answer is no, after the same work: time does not tell who
   * has a password. Rejects with Refused `busy` where too many wait.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>
}
