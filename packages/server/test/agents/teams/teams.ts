import type { Team } from '../../../src/agents/teams/team.ts'
import { readTeam } from '../../../src/agents/teams/team-file.ts'
import type { AgentEvent, AgentRunner, Question } from '../../../src/core/ports/agents.ts'

const says = (...said: string[]) => ({ says: said })

/** A team file of two who hand work to each other, and one who is only asked. */
export const file = {
  name: 'desk',
  title: 'Desk',
  description: 'Answers things.',
  entry: 'first',
  limits: { switches: 4, visits: 2 },
  agents: {
    first: {
      ...{ name: 'FirstAgent', description: 'Listens', instructions: 'Listen.', hands_off_to: ['second'] },
      ...{ consults: ['third'], without_model: says('Hello. You said: {request}') },
    },
    second: {
      ...{ name: 'SecondAgent', description: 'Writes down', instructions: 'Write.', hands_off_to: ['first'] },
      ...{ tools: ['save'], model: 'other/m', timeout_seconds: 30 },
      without_model: {
        ...{ when: ['note'], says: ['Noted.'], done: 'Noted successfully' },
        uses: { tool: 'save', arguments: { title: 'choose:\ndragon: Dragons\nelse: About {subject}' } },
      },
    },
    third: { name: 'ThirdAgent', description: 'Judges', instructions: 'Judge.', without_model: says('No.') },
  },
}

export function teamOf(value: unknown = file): Team {
  const read = readTeam(value)
  if (read.state === 'wrong') throw new Error(read.mistakes.join('\n'))
  return read.team
}

/** Everything a runner gives to a question, and the error it ends with. */
export async function told(runner: AgentRunner, question: Question, signal = new AbortController().signal) {
  const events: AgentEvent[] = []
  let error: unknown = null
  try {
    for await (const event of runner.answer(question, signal)) events.push(event)
  } catch (caught) {
    error = caught
  }
  return { events, error, words: events.flatMap(wordOf), text: events.map(textOf).join('') }
}

const textOf = (event: AgentEvent): string => (event.type === 'text' ? event.text : '')

function wordOf(event: AgentEvent): string | [] {
  switch (event.type) {
    case 'text':
      return `${event.by}: ${event.text}`
    case 'switch':
      return `${event.from} > ${event.to}: ${event.reason}`
    case 'tool':
      return `${event.name} ${event.state}`
    case 'results':
      return JSON.stringify(event.results)
    default:
      return []
  }
}
