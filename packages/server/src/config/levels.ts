export const LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type Level = (typeof LEVELS)[number]

/** Parts of the server that can have a log level of their own. */
export const COMPONENTS = ['server', 'core', 'auth', 'sessions', 'http', 'store', 'outbound', 'agents'] as const
export type Component = (typeof COMPONENTS)[number]

export interface Levels {
  readonly base: Level
  readonly of: ReadonlyMap<Component, Level>
}

/** Reads `info,sessions=debug`: a level for all, levels for components, or both. Undefined when it says anything else. */
export function readLevels(text: string): Levels | undefined {
  let base: Level = 'info'
  const of = new Map<Component, Level>()
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', second, ...more] = part.split('=').map(word => word.trim())
    const level = LEVELS.find(name => name === (second ?? first))
    const component = COMPONENTS.find(name => name === first)
    if (!level || more.length > 0 || (second !== undefined && !component)) return undefined
    if (component) of.set(component, level)
    else base = level
  }
  return { base, of }
}
