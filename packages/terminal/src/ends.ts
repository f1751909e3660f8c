/** How the program ends, as its exit code. */
export const EXIT = {
  ok: 0,
  /** The server could not be reached. */
  unreachable: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The credentials are not taken. */
  refused: 3,
  /** The connection was lost and did not come back. */
  lost: 4,
  /** With `--plain` and `--json`: something that a line asked for was not done. */
  failed: 5,
} as const

export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** What ends the program before it has begun. Its text is for the user. */
export class Ending extends Error {
  readonly code: Exit

  constructor(code: Exit, text: string) {
    super(text)
    this.code = code
  }
}
