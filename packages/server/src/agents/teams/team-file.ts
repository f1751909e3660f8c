import { z } from 'zod'
import type { Json } from '../tools/tool.ts'
import type { Team, TeamAgent } from './team.ts'

const key = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'a key has lowercase letters, digits and _, and begins with a letter')
const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const text = (max: number) => z.string().trim().min(1).max(max)

const script = z.strictObject({
  when: z.array(text(60)).default([]),
  says: z.array(text(5_000)).min(1),
  uses: z.strictObject({ tool: toolName, arguments: z.record(z.string(), z.json()) }).optional(),
  done: text(500).default('Completed'),
})

const agent = z.strictObject({
  name: text(60),
  description: text(500),
  instructions: text(20_000),
  model: text(300).optional(),
  tools: z.array(toolName).default([]),
  hands_off_to: z.array(key).default([]),
  consults: z.array(key).default([]),
  timeout_seconds: z.int().min(1).max(600).default(30),
  without_model: script,
})

const teamFile = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,29}$/, 'the name of a team has lowercase letters, digits and _'),
    title: text(100),
    description: text(1_000),
    entry: key,
    limits: z
      .strictObject({ switches: z.int().min(1).max(100).default(12), visits: z.int().min(1).max(20).default(3) })
      .prefault({}),
    agents: z.record(key, agent),
  })
  .check(({ value: { entry, agents }, issues }) => {
    const complain = (path: PropertyKey[], message: string) =>
      issues.push({ code: 'custom', input: agents, path, message })
    if (!agents[entry]) complain(['entry'], `there is no agent ${entry}`)
    for (const [name, { hands_off_to: next, consults }] of Object.entries(agents))
      for (const [field, others] of Object.entries({ hands_off_to: next, consults }))
        for (const other of others)
          if (!agents[other] || other === name)
            complain(
              ['agents', name, field],
              other === name ? "an agent can't name itself" : `there is no agent ${other}`,
            )
    const names = Object.values(agents).map(({ name }) => name.toLowerCase())
    if (new Set(names).size < names.length) complain(['agents'], 'two agents have the same name')
  })

export type ReadTeam =
  | { readonly state: 'read'; readonly team: Team }
  /** One line for each mistake: where it is, and what is wrong. */
  | { readonly state: 'wrong'; readonly mistakes: readonly string[] }

/** Makes a team of what a file holds. */
export function readTeam(value: unknown): ReadTeam {
  const read = teamFile.safeParse(value)
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`)
    return { state: 'wrong', mistakes }
  }
  const { agents: listed, entry: first, ...rest } = read.data
  const agents = new Map(Object.entries(listed).map(([name, one]) => [name, agentOf(name, one)]))
  const entry = agents.get(first)
  return entry ? { state: 'read', team: { ...rest, agents, entry } } : { state: 'wrong', mistakes: ['entry'] }
}

const agentOf = (name: string, of: z.output<typeof agent>): TeamAgent => ({
  key: name,
  name: of.name,
  description: of.description,
  instructions: of.instructions,
  model: of.model ?? null,
  tools: of.tools,
  handsOffTo: of.hands_off_to,
  consults: of.consults,
  silence: of.timeout_seconds * 1000,
  script: {
    when: of.without_model.when.map(word => word.toLowerCase()),
    says: of.without_model.says,
    uses: of.without_model.uses ? usesOf(of.without_model.uses) : null,
    done: of.without_model.done,
  },
})

const usesOf = ({ tool, arguments: args }: { tool: string; arguments: Record<string, Json> }) => ({
  tool,
  arguments: args,
})
