import { runQuery, runShown } from '@parley/protocol/rooms/level2/endpoints'
import { runCancelled } from '@parley/protocol/rooms/level2/runs'
import { z } from 'zod'
import { runInfo, stepShown } from '../../protocols/rooms/level2/shapes.ts'
import { nameOf } from '../../protocols/rooms/shapes.ts'
import { endpoint } from '../endpoint.ts'

const params = z.object({ run_id: z.string().meta({ description: 'UUID' }) })

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
]
