/** A team of agents, as far as clients are told of it. */
export interface TeamInfo {
  /** Name of the user that it speaks as. */
  readonly name: string
  readonly title: string
  /** The first one is who begins. */
  readonly agents: readonly TeamAgentInfo[]
}

export interface TeamAgentInfo {
  /** Short name, unique in the team. */
  readonly key: string
  /** What people are shown. */
  readonly name: string
  readonly description: string
  /** Names of the tools it may use. */
  readonly tools: readonly string[]
}

/** The models that people may choose from. */
export interface ModelNames {
  /** What answers where nobody chooses. */
  readonly standard: string
  /** Those that are listed, `standard` among them. More may be taken. */
  readonly listed: readonly string[]
  /** Whether a name means a model that people may have. */
  has(name: string): boolean
}
