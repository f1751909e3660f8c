import type { MessageId, RoomId, RunId, UserId } from './ids.ts'

/** What the asker wants of the model; null leaves it to the agent. */
export interface AskOptions {
  readonly model: string | null
  readonly systemPrompt: string | null
  /** 0 to 2. */
  readonly temperature: number | null
  readonly maxTokens: number | null
  /** Whether the text is wanted as one step when all of it is there. */
  readonly isWhole?: boolean
}

/** How a run ended. `interrupted`: the server went down in the middle. */
export type RunEnd = 'completed' | 'cancelled' | 'failed' | 'interrupted'

/** What an answer took. Null where nobody knows. */
export interface RunUsage {
  /** What answered. */
  readonly model: string
  readonly tokens: number | null
  /** US dollars. */
  readonly cost: number | null
  /** The table of prices that the cost comes from, with its version. */
  readonly prices?: string
  /** The answer ended before its provider said what it took: tokens and cost are our estimate. */
  readonly isEstimate?: true
  /** What counts against budgets, in millionths of a US dollar, a whole number. Nothing where nobody is paid. */
  readonly charge?: number
}

/** An ended run whose question is answered once more: from where its text stops, or anew. */
export interface RunOrigin {
  readonly run: RunId
  readonly how: 'continue' | 'regenerate'
}

/** An agent's answer being produced, or produced. */
export interface Run {
  readonly id: RunId
  readonly room: RoomId
  readonly conversation: number | null
  readonly agent: UserId
  /** Who is answered. */
  readonly asker: UserId
  /** The message that is answered, and what its sender called it; null where that was answered before. */
  readonly question: MessageId
  readonly clientId: string | null
  /** Null for the run that began with its question. */
  readonly origin: RunOrigin | null
  readonly options: AskOptions
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly end: {
    readonly state: RunEnd
    readonly at: number
    readonly usage: RunUsage | null
    /** What went wrong, in words for people; null unless failed. */
    readonly fault: string | null
    /** The message that the text became; null where there was no text. */
    readonly answer: MessageId | null
    /** The agent of a team that spoke last, by the name people see; null where no team answered. */
    readonly by: string | null
  } | null
}

/** One step of a run. `n` is its position in the run's log: from 1, dense. */
export type RunStep = { readonly n: number; readonly at: number } & RunStepContent

export type RunStepContent =
  | {
      readonly type: 'text'
      readonly text: string
      /** Which agent of a team says it, by the name people see. */
      readonly by?: string
      /** Which text of the run it is, from 1, where a team answers. Given by the core. */
      readonly chunk?: number
    }
  /** Another agent of a team goes on. */
  | { readonly type: 'switch'; readonly from: string; readonly to: string; readonly reason: string }
  | {
      readonly type: 'tool'
      readonly call: string
      readonly name: string
      /** `waiting`: for the asker's approval, after which another run carries it out. */
      readonly state: 'started' | 'progress' | 'waiting' | 'completed' | 'failed'
      /**
       * JSON, by state: `{arguments}` where it starts; those with `{approval, expires_at}` where it waits; `{message, progress}`;
       * the result; `{error}`. Null where others than the asker may read the run and must not see it.
       */
      readonly detail: unknown
    }
  /** The last one. */
  | ({ readonly type: 'end'; readonly state: RunEnd } & RunOutcome)

/** What came of a run besides its text. */
export interface RunOutcome {
  /** What its agents made or found, by names of their own. */
  readonly results?: Readonly<Record<string, unknown>>
  /** Why it failed, where there is more to say than words for people. */
  readonly fault?: RunFault
}

/** Why a run failed, for programs. */
export interface RunFault {
  /** `timeout`: an agent gave nothing for so many milliseconds. */
  readonly code: 'timeout' | 'failed'
  /** The agent of a team that failed, by the name people see. */
  readonly agent: string
  readonly milliseconds?: number
}
