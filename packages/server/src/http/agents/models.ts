import {
  currentModel,
  type ModelShown,
  modelShown,
  modelSwitched,
  models,
  sessionBody,
  sessionQuery,
} from '@parley/protocol/agents/endpoints'
import { z } from 'zod'
import { refuse } from '../../core/refusals.ts'
import { keyOf } from '../../protocols/agents/desk.ts'
import { type Call, endpoint, type Site } from '../endpoint.ts'
import { Fault } from '../faults.ts'
import { inSession } from './asker.ts'

const params = z.object({
  model_id: z.string().meta({ description: 'Slashes in it are written `%2F`: `openai%2Fgpt-5`' }),
})
const query = sessionQuery
const read = { method: 'GET', auth: 'guest', query, status: 200 } as const

type Named = Pick<Call<unknown, z.output<typeof query>>, 'site' | 'core' | 'actor' | 'query'>

export const modelEndpoints = [
  endpoint({
    ...read,
    path: '/models',
    summary: 'Models that may be chosen, and which one answers in the session that is named, or else',
    answer: models,
    refuses: ['conversation_unknown'],
    run: async call => {
      const current = await currentOf(call)
      const listed = [...new Set([...call.site.agents.models.listed, current])].map(id => show(id, current))
      return {
        models: listed,
        current_model: current,
        available_models: Object.fromEntries(listed.map(one => [one.id, one])),
      }
    },
  }),
  endpoint({
    ...read,
    path: '/models/current',
    summary: 'The model that answers in the session that is named, or else',
    answer: currentModel,
    refuses: ['conversation_unknown'],
    run: async call => {
      const current = await currentOf(call)
      return { current_model: current, model_info: show(current, current) }
    },
  }),
  endpoint({
    ...read,
    path: '/models/{model_id}',
    summary: 'One model',
    params,
    answer: modelShown,
    refuses: ['model_unknown', 'conversation_unknown'],
    run: async ({ params: { model_id: id }, ...call }) => {
      if (!call.site.agents.models.has(id)) throw new Fault('model_unknown')
      return show(id, await currentOf(call))
    },
  }),
  endpoint({
    method: 'POST',
    path: '/models/{model_id}/switch',
    summary: 'Choose the model that answers in a session; the query or the body says in which',
    auth: 'guest',
    params,
    query,
    body: sessionBody,
    status: 200,
    answer: modelSwitched,
    refuses: ['model_invalid', 'conversation_unknown'],
    run: async ({ core, site, actor, params: { model_id: wanted }, query, body }) => {
      const { models } = site.agents
      if (!models.has(wanted)) throw new Fault('model_invalid')
      const session = body?.session_id ?? query.session_id
      if (session === undefined) throw new Fault('session_unnamed')
      const { asker, number } = await found({ core, site, actor }, session)
      const model = wanted === models.standard ? null : wanted
      const { before } = await core.execute(asker, { type: 'session.switch_model', number, model })
      return {
        success: true as const,
        previous_model: before ?? models.standard,
        current_model: wanted,
        message: `Switched to ${wanted}`,
        model_info: show(wanted, wanted),
      }
    },
  }),
]

/** The session's model, or where none is named the standard one. */
async function currentOf({ query: { session_id: session }, ...call }: Named): Promise<string> {
  const { standard } = call.site.agents.models
  return session === undefined ? standard : ((await found(call, session)).model ?? standard)
}

/** Whoever asks, and their conversation of a session. Refuses conversation_unknown. */
async function found(call: { site: Site } & Pick<Call, 'core' | 'actor'>, session: string) {
  const asker = await inSession(call, session)
  const { number, model } = await call.core.execute(asker, { type: 'conversation.find', session: keyOf(session) })
  return number === null ? refuse({ code: 'conversation_unknown', id: session }) : { asker, number, model }
}

/** `provider/model` has the provider in front. */
function show(id: string, current: string): ModelShown {
  const at = id.indexOf('/')
  const description = at > 0 ? `Answers by ${id.slice(0, at)}` : 'Answers by what this server has'
  return { id, name: id.slice(at + 1), description, active: id === current }
}
