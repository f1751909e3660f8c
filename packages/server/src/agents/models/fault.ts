/** What kept a model from answering. The codes are stable: logs carry them. */
export type FaultCode =
  | 'unreachable'
  /** Its address answers with another one. */
  | 'redirected'
  | 'credentials_refused'
  | 'model_unknown'
  | 'rate_limited'
  /** The provider's own trouble. */
  | 'overloaded'
  | 'question_too_long'
  | 'question_refused'
  /** Nothing came for too long. */
  | 'silent'
  /** The whole answer took too long. */
  | 'too_slow'
  /** It ended in the middle, or is not what the provider promises. */
  | 'broken'
  | 'too_large'
  | 'empty'

const TEXTS: Readonly<Record<FaultCode, string>> = {
  unreachable: "The language model can't be reached",
  redirected: "The language model can't be reached: its address leads elsewhere",
  credentials_refused: "The language model does not accept this server's credentials",
  model_unknown: 'The provider does not know this language model',
  rate_limited: 'The language model is asked too often; please try again later',
  overloaded: 'The language model has trouble; please try again later',
  question_too_long: 'The conversation is too long for the language model',
  question_refused: 'The language model did not accept the question',
  silent: 'The language model stopped answering',
  too_slow: 'The answer took too long',
  broken: 'The answer of the language model broke off',
  too_large: 'The answer of the language model is too large',
  empty: 'The language model gave no answer',
}

/** What may be different the next moment. */
const PASSING: ReadonlySet<FaultCode> = new Set(['unreachable', 'rate_limited', 'overloaded', 'broken', 'empty'])

/** What may happen after a model began to work. */
const WORKED: ReadonlySet<FaultCode> = new Set(['silent', 'too_slow', 'broken', 'too_large', 'empty'])

/** Why a model did not answer. The message is for people. */
export class ModelFault extends Error {
  readonly code: FaultCode
  /** What the provider said, for the operator. May quote the question and, where nobody took it out, a credential. */
  readonly detail: string
  /** Milliseconds after which the provider wants to be asked again; null where it does not say. */
  readonly retryAfter: number | null

  constructor(code: FaultCode, detail = '', retryAfter: number | null = null) {
    super(TEXTS[code])
    this.name = 'ModelFault'
    this.code = code
    this.detail = detail
    this.retryAfter = retryAfter
  }

  /** Whether the provider may have begun to work on it, and be paid for that. */
  get mayCost(): boolean {
    return WORKED.has(this.code)
  }

  /** Whether asking once more may help. */
  get isPassing(): boolean {
    return PASSING.has(this.code)
  }
}
