import type { DownFrame, ToolFrame } from '@parley/protocol/agents/down'
import { AGENT_TIMEOUT_MS } from '@parley/protocol/agents/limits'
import type { RunEvent } from '../../core/events.ts'
import type { RunStep } from '../../core/run.ts'
import { timestamp } from '../timestamp.ts'
import { completed, error, text } from './shapes.ts'

/** The frames for steps of a run, one for each. */
export const encodeSteps = (event: RunEvent): readonly string[] => event.steps.map(step => stepText(event, step))

function stepText(event: RunEvent, step: RunStep): string {
  return step.type === 'end' ? endText(event, step) : text(stepFrame(event, step))
}

function stepFrame({ run, agent }: RunEvent, step: Exclude<RunStep, { type: 'end' }>): DownFrame {
  const at = { timestamp: timestamp(step.at) }
  switch (step.type) {
    case 'text': {
      const total_chunks = run.options.isWhole ? 1 : null
      const place = { agent: step.by ?? agent.name, chunk_id: step.chunk ?? step.n, total_chunks }
      return { type: 'stream_chunk', content: step.text, ...place, ...at }
    }
    case 'switch':
      return { type: 'agent_switch', from_agent: step.from, to_agent: step.to, reason: step.reason, ...at }
    case 'tool':
      return toolFrame(step)
    default:
      return step satisfies never
  }
}

/** A tool at work, as frames and restored sessions say it. */
export function toolFrame({ name, state, detail, at }: RunStep & { type: 'tool' }): ToolFrame {
  const told = (typeof detail === 'object' && detail !== null ? detail : {}) as {
    message?: unknown
    error?: unknown
    progress?: unknown
  } // of agents' making
  const shown = (message: string) => (typeof told.message === 'string' ? told.message : message)
  const place = (progress: number) =>
    typeof told.progress === 'number' ? Math.min(1, Math.max(0, told.progress)) : progress
  const frame = { type: 'tool_execution', tool_name: name, timestamp: timestamp(at) } as const
  switch (state) {
    case 'started':
      return { ...frame, status: 'executing', message: `Running ${name}...`, progress: 0 }
    case 'progress':
      return { ...frame, status: 'executing', message: shown(`Running ${name}...`), progress: place(0) }
    case 'waiting':
      return { ...frame, status: 'waiting', message: `${name} waits for your approval`, progress: 0 }
    case 'completed':
      return { ...frame, status: 'completed', message: `${name} is done`, progress: 1 }
    case 'failed':
      return { ...frame, status: 'failed', message: failureText(name, told.error), progress: place(0) }
    default:
      return state satisfies never
  }
}

const failureText = (tool: string, error: unknown): string =>
  typeof error === 'string' ? `${tool} failed: ${error}` : `${tool} failed`

/** The last frame of a run: exactly one, and either of two. */
function endText({ run, agent }: RunEvent, step: RunStep & { type: 'end' }): string {
  const { message, agents_used: used, ...rest } = step.results ?? {}
  const speaker = step.fault?.agent ?? run.end?.by ?? agent.name
  const results = { ...rest, agents_used: Array.isArray(used) ? used.map(String) : [speaker] }
  switch (step.state) {
    case 'completed':
      return text(completed(typeof message === 'string' ? message : 'Completed', results, step.at))
    case 'cancelled':
      return text(completed('Stopped', { ...results, stopped: true }, step.at))
    case 'interrupted':
      return error('RUN_INTERRUPTED', '', { agent: speaker }, step.at)
    case 'failed': {
      if (step.fault?.code !== 'timeout')
        return error('AGENT_ERROR', run.end?.fault ?? 'internal error', { agent: speaker }, step.at)
      const { milliseconds = AGENT_TIMEOUT_MS } = step.fault
      const details = { agent: speaker, timeout_duration: milliseconds }
      return error('AGENT_TIMEOUT', `${milliseconds / 1000} seconds`, details, step.at)
    }
    default:
      return step.state satisfies never
  }
}
