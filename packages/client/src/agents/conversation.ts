import type { ChunkFrame, DownFrame, ErrorFrame, RestoredFrame, ToolFrame } from '@parley/protocol/agents/down'
import { ANSWER_ERRORS, ERROR_TEXTS } from '@parley/protocol/agents/limits'

/** A tool that an agent uses. `progress` goes from 0 to 1. */
export interface AgentTool {
  /** Its place among the tools of the answer, from 0. */
  readonly id: number
  readonly name: string
  readonly status: ToolFrame['status']
  readonly message: string
  readonly progress: number
}

/** What we asked. */
export interface AgentQuestion {
  readonly role: 'user'
  /** Stays the same for as long as it is shown. */
  readonly id: string
  readonly content: string
  /** ISO 8601. */
  readonly timestamp: string
  /** `waiting`: for a connection. `unconfirmed`: the connection was lost, and the server knows nothing of it. */
  readonly state: 'waiting' | 'sent' | 'unconfirmed'
}

/** What the team answered, whoever of it: one for each question. */
export interface AgentAnswer {
  readonly role: 'assistant'
  readonly id: string
  /** The text so far. */
  readonly content: string
  readonly timestamp: string
  readonly state: 'streaming' | 'complete' | 'failed'
  /** Who said the last of it. */
  readonly agent: string | null
  /** In the order in which they were begun. */
  readonly tools: readonly AgentTool[]
  /** What came of it, where the server said. */
  readonly results: Readonly<Record<string, unknown>> | null
  /** Why it failed, in words. */
  readonly error: string | null
  /** The last chunk that `content` has. */
  readonly chunk: number
}

export type AgentMessage = AgentQuestion | AgentAnswer

/** What the server refused last. */
export interface AgentProblem {
  readonly code: string
  readonly message: string
}

/** Everything said in a session. A value: every function here answers another one. */
export interface Conversation {
  readonly messages: readonly AgentMessage[]
  /** Who speaks, or spoke last. */
  readonly agent: string | null
  readonly model: string | null
  readonly problem: AgentProblem | null
  /** Questions of ours that the server has not shown to know, by id. */
  readonly unanswered: readonly string[]
  /** Ids given so far. */
  readonly ids: number
}

export const EMPTY_CONVERSATION: Conversation = {
  messages: [],
  agent: null,
  model: null,
  problem: null,
  unanswered: [],
  ids: 0,
}

const NO_TOOLS: readonly AgentTool[] = []

/** The answer under way. */
const running = ({ messages }: Conversation): AgentAnswer | undefined => {
  const last = messages.findLast(message => message.role === 'assistant')
  return last?.state === 'streaming' ? last : undefined
}

/** The tools of the answer under way. The same array until they change. */
export const toolsOf = (talk: Conversation): readonly AgentTool[] => running(talk)?.tools ?? NO_TOOLS

/** Takes a frame of the server. `later` are questions that it was sent after it was asked for the session. */
export function hear(talk: Conversation, frame: DownFrame, later: ReadonlySet<string>): Conversation {
  switch (frame.type) {
    case 'stream_chunk':
      return hearChunk(talk, frame)
    case 'agent_switch':
      return { ...talk, agent: frame.to_agent }
    case 'tool_execution':
      return changed(talk, answer => ({ ...answer, tools: withTool(answer.tools, frame) }))
    case 'completion':
      return changed(talk, answer => ({ ...answer, state: 'complete', results: frame.results }))
    case 'error':
      return hearError(talk, frame)
    case 'session_restored':
      return restore(talk, frame, later)
    case 'model_switched':
      return { ...talk, model: frame.current_model }
    case 'connection_established':
    case 'pong':
    case 'stream_end':
      return talk
    default:
      // Of a newer server.
      frame satisfies never
      return talk
  }
}

/** Adds a question of ours. */
export function ask(talk: Conversation, content: string, timestamp: string, state: 'waiting' | 'sent'): Conversation {
  const id = `${talk.ids}`
  const messages: readonly AgentMessage[] = [...talk.messages, { role: 'user', id, content, timestamp, state }]
  return { ...talk, messages, problem: null, unanswered: [...talk.unanswered, id], ids: talk.ids + 1 }
}

/** What waits for a connection. */
export const waitingIn = ({ messages }: Conversation): readonly string[] =>
  messages.flatMap(({ id, state }) => (state === 'waiting' ? [id] : []))

/** What waited is on its way. */
export function flush(talk: Conversation): Conversation {
  if (waitingIn(talk).length === 0) return talk
  const messages = talk.messages.map(one => (one.state === 'waiting' ? { ...one, state: 'sent' as const } : one))
  return { ...talk, messages }
}

/** Other servers of this protocol count no chunks. */
function hearChunk(talk: Conversation, { content, agent, chunk_id, timestamp }: ChunkFrame): Conversation {
  const now = running(talk)
  if (now && chunk_id <= now.chunk) return talk
  const begun = now ? talk : begin(talk, timestamp)
  const next = changed(begun, answer => ({
    ...answer,
    content: answer.content + content,
    agent: agent ?? answer.agent,
    chunk: chunk_id ?? answer.chunk,
  }))
  return agent === undefined || agent === next.agent ? next : { ...next, agent }
}

function begin(talk: Conversation, timestamp: string): Conversation {
  const id = `${talk.ids}`
  const answer: AgentAnswer = { ...NO_ANSWER, id, timestamp, agent: talk.agent }
  return {
    ...talk,
    messages: [...talk.messages, answer],
    unanswered: talk.unanswered.slice(1),
    ids: talk.ids + 1,
  }
}

const NO_ANSWER: AgentAnswer = {
  role: 'assistant',
  id: '',
  content: '',
  timestamp: '',
  state: 'streaming',
  agent: null,
  tools: NO_TOOLS,
  results: null,
  error: null,
  chunk: 0,
}

/** Changes the answer under way; without one nothing. */
function changed(talk: Conversation, change: (answer: AgentAnswer) => AgentAnswer): Conversation {
  const now = running(talk)
  return now ? { ...talk, messages: talk.messages.map(one => (one === now ? change(now) : one)) } : talk
}

function withTool(tools: readonly AgentTool[], frame: ToolFrame): readonly AgentTool[] {
  const { tool_name: name, status, message, progress } = frame
  const at = tools.findLastIndex(known => known.name === name && known.status === 'executing')
  const id = at < 0 ? tools.length : at
  return [...tools.slice(0, id), { id, name, status, message, progress }, ...tools.slice(id + 1)]
}

/** Either the answer failed, or something was refused and an answer under way goes on. */
function hearError(talk: Conversation, { error_code: code, message, timestamp }: ErrorFrame): Conversation {
  const isRefusal = Object.hasOwn(ERROR_TEXTS, code ?? '') && !ANSWER_ERRORS.includes(code)
  if (isRefusal) return { ...talk, problem: { code, message } }
  const begun = running(talk) ? talk : begin(talk, timestamp)
  return changed(begun, answer => ({ ...answer, state: 'failed', error: message }))
}

/** The server's word on everything said. What it can't know yet stays, and so does what it should know and doesn't. */
function restore(talk: Conversation, frame: RestoredFrame, later: ReadonlySet<string>): Conversation {
  const lost = unknownTo(frame, talk, later)
  const kept = talk.messages
    .filter(({ id }) => later.has(id) || lost.has(id))
    .map(one => (one.role === 'user' && lost.has(one.id) ? { ...one, state: 'unconfirmed' as const } : one))
  const keptIds = new Set(kept.map(({ id }) => id))
  const messages = frame.messages.map((item, i): AgentMessage => {
    const known = talk.messages[i]
    // What is the same message keeps its place on the page.
    const isKnown = known !== undefined && known.role === item.role && !keptIds.has(known.id)
    const { content, timestamp } = item
    const id = isKnown ? known.id : `${talk.ids + i}`
    if (item.role === 'user') return { role: 'user', id, content, timestamp, state: 'sent' }
    const { tools, results, error } = isKnown && known.role === 'assistant' ? known : NO_ANSWER
    const isRunning = 'streaming' in item
    const chunk = isRunning ? item.chunk_id : 0
    const state = isRunning ? 'streaming' : error === null ? 'complete' : 'failed'
    return { role: 'assistant', id, content, timestamp, state, agent: item.agent, tools, results, error, chunk }
  })
  return {
    ...talk,
    messages: [...messages, ...kept],
    agent: frame.current_agent,
    model: frame.current_model,
    unanswered: talk.unanswered.filter(id => later.has(id)),
    ids: talk.ids + messages.length,
  }
}

/** Unanswered questions that were sent before the session was asked for, and that it lacks after those it is known to have. */
function unknownTo(frame: RestoredFrame, talk: Conversation, later: ReadonlySet<string>): ReadonlySet<string> {
  const asked = talk.messages.filter(one => one.role === 'user')
  const isOpen = ({ id, state }: AgentQuestion) => state !== 'sent' || talk.unanswered.includes(id)
  const texts = frame.messages.flatMap(({ role, content }) => (role === 'user' ? [content.trim()] : []))
  let next = asked.filter(question => !isOpen(question)).length
  const lost = new Set<string>()
  for (const { id, content, state } of asked) {
    if (state === 'unconfirmed') lost.add(id)
    if (later.has(id) || !talk.unanswered.includes(id)) continue
    const at = texts.indexOf(content.trim(), next)
    if (at < 0) lost.add(id)
    else next = at + 1
  }
  return lost
}
