import {
  completion,
  completionBody,
  completionError,
  modelList,
  REQUEST_MAX_BYTES,
} from '@parley/protocol/agents/completions'
import type { Log } from '../../sessions/observe.ts'
import { type Ask, CORS, guarded, reportedReply, write } from '../answer.ts'
import { readJson } from '../body.ts'
import { caller } from '../caller.ts'
import type { Described, Family, Site } from '../endpoint.ts'
import type { App } from '../visit.ts'
import { answer } from './answer.ts'
import { openai } from './dialect.ts'
import { type Asked, namesOf, readRequest } from './request.ts'
import { chunk, completionOf, type Head, usageChunk, usageOf } from './shapes.ts'

/** Where clients of OpenAI's API are pointed to. */
export const PREFIX = '/openai/v1'

/** For the document. */
export const openaiFamily: Family<Described> = {
  name: 'OpenAI-compatible',
  errors: { error: completionError, invalid: completionError, invalidStatus: openai.invalidStatus },
  endpoints: [
    {
      method: 'GET',
      path: `${PREFIX}/models`,
      summary: 'Names that answer: the assistant, teams of agents, and models with which the assistant answers',
      auth: 'user',
      status: 200,
      answer: modelList,
    },
    {
      method: 'POST',
      path: `${PREFIX}/chat/completions`,
      summary: 'An answer to a conversation that the client has; with `stream` as server-sent events. Nothing is kept',
      auth: 'user',
      body: completionBody,
      status: 200,
      answer: completion,
      refuses: ['role_forbids', 'model_unknown', 'rate_limited', 'busy', 'answer_failed', 'nobody_answers'],
    },
  ],
}

/** To be called before the last routes. */
export function routeOpenAi(app: App, site: Site, log: Log): void {
  const created = seconds(site)
  app.get(
    `${PREFIX}/models`,
    guarded(openai, log, async ({ env }) => {
      await caller(site.core, openai, env, 'user')
      const data = namesOf(site.agents).map(id => ({ id, object: 'model', created, owned_by: 'parley' }))
      return write({ status: 200, headers: {}, body: { object: 'list', data } })
    }),
  )
  app.post(
    `${PREFIX}/chat/completions`,
    guarded(openai, log, async ask => {
      await caller(site.core, openai, ask.env, 'user')
      const asked = readRequest(await readJson(ask.req.raw, REQUEST_MAX_BYTES), site.agents)
      const head = { id: `chatcmpl-${site.core.context.ids.uuid()}`, model: asked.model, created: seconds(site) }
      // A body may take a minute to come, and whoever sends it may have lost their rights meanwhile.
      const actor = await caller(site.core, openai, ask.env, 'user')
      return asked.isStream ? stream({ site, log, ask, actor, asked, head }) : whole({ site, ask, actor, asked, head })
    }),
  )
}

const seconds = ({ core }: Site): number => Math.floor(core.context.clock.now() / 1000)

interface Work {
  readonly site: Site
  readonly ask: Ask
  readonly actor: Awaited<ReturnType<typeof caller>>
  readonly asked: Asked
  readonly head: Head
}

async function whole({ site, ask, actor, asked, head }: Work): Promise<Response> {
  const { signal } = ask.req.raw
  const underWay = await answer(site.core, actor, asked, () => undefined)
  if (signal.aborted) underWay.stop()
  else signal.addEventListener('abort', underWay.stop, { once: true })
  const { run, text } = await underWay.whole
  return write({ status: 200, headers: {}, body: completionOf(head, run, text) })
}

const EVENTS = { ...CORS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

/** Steps as they are stored. What goes wrong once the stream began is its last event. */
async function stream({ site, log, ask, actor, asked, head }: Work & { log: Log }): Promise<Response> {
  const { readable, writable } = new TransformStream<string, string>(undefined, undefined, { highWaterMark: Infinity })
  const writer = writable.getWriter()
  // Who hung up gets no more; `closed` says so.
  const send = (text: string) => void writer.write(text).catch(() => undefined)
  send(event(chunk(head, { role: 'assistant', content: '' })))
  const underWay = await answer(site.core, actor, asked, steps => {
    for (const step of steps) if (step.type === 'text') send(event(chunk(head, { content: step.text })))
  })
  writer.closed.catch(underWay.stop)
  underWay.whole
    .then(({ run, text }) => {
      send(event(chunk(head, {}, 'stop')))
      if (asked.wantsUsage) send(event(usageChunk(head, usageOf(run, text))))
      send('data: [DONE]\n\n')
    })
    .catch(error => send(event(reportedReply(error, openai, log, ask).body)))
    .finally(() => writer.close().catch(() => undefined))
  return new Response(readable.pipeThrough(new TextEncoderStream()), { headers: EVENTS })
}
