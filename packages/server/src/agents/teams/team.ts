import type { Json } from '../tools/tool.ts'

/** A team of agents that works on what people ask of it. Made of a file; nothing about any team is in the code. */
export interface Team {
  /** Name of the user that it speaks as: people ask it by `@name`. */
  readonly name: string
  readonly title: string
  readonly description: string
  /** Who begins. */
  readonly entry: TeamAgent
  /** By key, in the order of the file. */
  readonly agents: ReadonlyMap<string, TeamAgent>
  readonly limits: TeamLimits
}

/** What keeps agents from handing work around for ever, in one answer. */
export interface TeamLimits {
  /** Hand-offs in all. */
  readonly switches: number
  /** How often one agent may be given the work. */
  readonly visits: number
}

export interface TeamAgent {
  /** Short name, unique in the team. */
  readonly key: string
  /** What people are shown. */
  readonly name: string
  readonly description: string
  /** What a model is told that it is and does. */
  readonly instructions: string
  /** The model that answers for it where the asker wants none; null for the standard one. */
  readonly model: string | null
  /** Names of the tools it may use besides. */
  readonly tools: readonly string[]
  /** Keys of those to whom it may hand the work on. */
  readonly handsOffTo: readonly string[]
  /** Keys of those whom it may ask, several side by side, while it keeps the work. */
  readonly consults: readonly string[]
  /** Longest time without any output, in milliseconds. */
  readonly silence: number
  /** What it does where no model is connected. */
  readonly script: Script
}

/** What an agent does by fixed rules. */
export interface Script {
  /** Words of a request that are for this agent, lowercase. */
  readonly when: readonly string[]
  /** What it says, one text after the other. See `fill`. */
  readonly says: readonly string[]
  /** The tool that it uses then, with arguments in which all texts are filled. */
  readonly uses: { readonly tool: string; readonly arguments: Json } | null
  /** What is said of the whole answer when this agent was the last. */
  readonly done: string
}
