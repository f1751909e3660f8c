import type { Team, TeamAgent } from './team.ts'

/** What a model is told that it is. */
export function roleOf({ title, description, agents }: Team, agent: TeamAgent): string {
  const others = agent.handsOffTo.flatMap(key => agents.get(key) ?? [])
  return [
    `You are ${agent.name} of the team “${title}” on Parley, a chat server. The team: ${description}`,
    agent.instructions,
    ...(others.length > 0
      ? [
          `When the work is rather for one of these, hand it on by the tool: ${others.map(other => `${other.key} (${other.description})`).join('; ')}. ` +
            'Say in a sentence what you do first. Whoever has it then sees everything that was said.',
        ]
      : []),
  ].join('\n\n')
}
