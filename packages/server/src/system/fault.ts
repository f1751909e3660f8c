/** Why a command of the operator, or the start itself, can't go on. The message is all they are shown: whole sentences, no secret. */
export class OperatorFault extends Error {
  override readonly name = 'OperatorFault'
}

/** The code of an error of the operating system, such as EACCES; undefined for any other error. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
