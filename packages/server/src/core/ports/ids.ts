/** Source of randomness and ids. */
export interface Ids {
  /** A new UUID v7: unique, and not smaller than one made before by this process. */
  uuid(): string
  /** `bytes` random bytes as lowercase hex. Unpredictable. */
  secret(bytes: number): string
}
