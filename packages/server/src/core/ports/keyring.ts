/** What the server's secret is for. Implementations never log, return or throw the secret or a plain value. */
export interface Keyring {
  /** Keyed digest, 32 bytes as lowercase hex: equal inputs give equal digests, and nobody without the secret can test a guess. */
  digest(purpose: string, value: string): string
  /** Encrypts and authenticates `value` for storage. Two calls give different texts. */
  seal(value: string): string
  /** The value that was sealed. Throws when the text was not made by `seal` under this secret. */
  unseal(sealed: string): string
}
