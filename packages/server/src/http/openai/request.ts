import { type CompletionBody, completionBody, SYSTEM_MAX } from '@parley/protocol/agents/completions'
import { z } from 'zod'
import { fits } from '../../core/message.ts'
import { ASSISTANT } from '../../core/names.ts'
import type { AskOptions } from '../../core/run.ts'
import type { Prior } from '../../core/runs/cast.ts'
import type { OfferedAgents } from '../endpoint.ts'
import { Fault, Invalid } from '../faults.ts'
import { issuesOf } from '../issues.ts'

/** What is asked, and of whom. */
export interface Asked {
  /** As the client named it. */
  readonly model: string
  /** By name; null for the assistant. */
  readonly agent: string | null
  readonly body: string
  readonly prior: readonly Prior[]
  readonly options: AskOptions
  readonly isStream: boolean
  readonly wantsUsage: boolean
}

const compiled = z.compile(completionBody)

/** Reads a request. Throws Invalid with what is wrong in it, and model_unknown. */
export function readRequest(given: unknown, offered: OfferedAgents): Asked {
  const read = compiled.safeParse(given, { reportInput: true })
  if (!read.success) throw new Invalid(issuesOf('body', read.error))
  const { model, messages, stream, stream_options: more } = read.data
  const said = messages.filter(isSaid)
  const last = said.pop()
  if (last?.role !== 'user') throw wrong('The last message has to be of the role user')
  const body = textOf(last)
  if (body.trim() === '') throw wrong('The last message is empty')
  const answering = answererOf(model, offered)
  return {
    model,
    agent: answering.agent,
    body,
    prior: said.map(priorOf).filter(({ text }) => text !== ''),
    options: optionsOf(read.data, answering.model),
    isStream: stream === true,
    wantsUsage: more?.include_usage === true,
  }
}

type Said = CompletionBody['messages'][number]

const isSaid = ({ role }: Said): boolean => role === 'user' || role === 'assistant'

const textOf = ({ content }: Said): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('\n')

const priorOf = (said: Said): Prior => ({ by: said.role === 'user' ? 'asker' : 'agent', text: textOf(said) })

const wrong = (msg: string): Invalid => new Invalid([{ loc: ['body', 'messages'], msg, type: 'value_error' }])

/** What a name stands for: an agent, or a model with which the assistant answers. */
function answererOf(name: string, { teams, models }: OfferedAgents): Pick<Asked, 'agent'> & { model: string | null } {
  if (name === ASSISTANT) return { agent: null, model: null }
  if (teams.some(team => team.name === name)) return { agent: name, model: null }
  if (models.has(name)) return { agent: null, model: name === models.standard ? null : name }
  throw new Fault('model_unknown')
}

function optionsOf(body: CompletionBody, model: string | null): AskOptions {
  const wish = body.messages.filter(said => !isSaid(said)).map(textOf)
  const systemPrompt = wish.length === 0 ? null : wish.join('\n\n')
  if (systemPrompt !== null && !fits(systemPrompt, SYSTEM_MAX))
    throw wrong(`System messages have at most ${SYSTEM_MAX} characters together`)
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? null
  return { model, systemPrompt, temperature: body.temperature ?? null, maxTokens }
}

/** Every name that answers: the assistant, the teams, and models with which the assistant answers. */
export const namesOf = ({ teams, models }: OfferedAgents): readonly string[] => [
  ...new Set([ASSISTANT, ...teams.map(({ name }) => name), ...models.listed]),
]
