import { runAgainBody, runQuery, runShown } from '@parley/protocol/rooms/level2/endpoints'
import { runAgain as again, runCancelled } from '@parley/protocol/rooms/level2/runs'
import { z } from 'zod'
import { runAgain, runInfo, stepShown } from '../../protocols/rooms/level2/shapes.ts'
import { nameOf } from '../../protocols/rooms/shapes.ts'
import { endpoint } from '../endpoint.ts'

const params = z.object({ run_id: z.string().meta({ description: 'UUID' }) })

const AGAIN_REFUSES = [
  ...(['run_unknown', 'message_unknown', 'not_owner', 'role_forbids', 'assistant_off'] as const),
  ...(['run_open', 'nothing_to_continue', 'id_conflict', 'rate_limited'] as const),
]

const startingAgain = (how: 'continue' | 'regenerate', summary: string) =>
  endpoint({
    method: 'POST',
    path: `/api/v1/runs/{run_id}/${how}`,
    summary: `${summary}, for whoever asked, the owner of its room and admins`,
    auth: 'user',
    params,
    body: runAgainBody,
    status: 200,
    answer: again,
    refuses: AGAIN_REFUSES,
    run: async ({ core, actor, params, body }) => {
      const { run, isRepeat } = await core.execute(actor, {
        type: `run.${how}`,
        id: params.run_id,
        clientId: body?.message_id ?? null,
      })
      return runAgain(run, isRepeat)
    },
  })

export const runs = [
  endpoint({
    method: 'GET',
    path: '/api/v1/runs/{run_id}',
    summary:
      'An answer that an agent produces or produced, with its steps after one that is known, for readers of its room',
    auth: 'user',
    params,
    query: runQuery,
    status: 200,
    answer: runShown,
    refuses: ['run_unknown'],
    run: async ({ core, actor, params, query: { after } }) => {
      const { run, room, steps, head, ...cast } = await core.execute(actor, {
        type: 'run.show',
        id: params.run_id,
        after,
      })
      return { ...runInfo(run, cast), room: room.id, room_id: nameOf(room), steps: steps.map(stepShown), head }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/runs/{run_id}/cancel',
    summary: 'End an answer that is being produced, for whoever asked, the owner of its room and admins',
    auth: 'user',
    params,
    status: 200,
    answer: runCancelled,
    refuses: ['run_unknown', 'run_ended', 'not_owner'],
    run: async ({ core, actor, params }) => {
      const { run } = await core.execute(actor, { type: 'run.cancel', id: params.run_id })
      return { run_id: run.id }
    },
  }),
  startingAgain('continue', 'Have an answer that broke off go on where its text stops'),
  startingAgain('regenerate', 'Have the question of an ended answer answered once more'),
]
