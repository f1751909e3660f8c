import { type AssistantModelMessage, jsonSchema, type ModelMessage, type ToolSet, tool } from 'ai'
import type { Json, JsonObject } from '../tools/tool.ts'
import type { CalledTurn, ModelCall, ModelResult, OfferedTool, Turn } from './model.ts'

/** Longest JSON of arguments that is kept, in UTF-16 units: more than any tool takes. */
const ARGUMENTS_MAX = 100_000
const BEGINNING = 200

/** The arguments of a call. Of those that are too long for any tool only a text is left, which no tool takes either. */
export function argumentsOf(input: unknown): Json {
  if (!isTooLong(input)) return input as Json // it was read from JSON, or is the text that could not be
  const text = JSON.stringify(input)
  return `${text.slice(0, BEGINNING).toWellFormed()}… (${text.length} characters)`
}

const isTooLong = (input: unknown): boolean => JSON.stringify(input ?? null).length > ARGUMENTS_MAX

/** Turns as the SDK has them. `model`: the one that is asked; what another one said comes without what only that could read. */
export function messagesOf(turns: readonly Turn[], model: string): ModelMessage[] {
  return turns.map((turn): ModelMessage => {
    switch (turn.role) {
      case 'user':
      case 'assistant':
        return { role: turn.role, content: turn.text }
      case 'called':
        return turn.by === model ? (turn.raw as AssistantModelMessage) : calledBy(turn) // `calledTurn` made it
      case 'results':
        return { role: 'tool', content: turn.results.map(resultOf) }
      default:
        return turn satisfies never
    }
  })
}

const calledBy = ({ text, calls }: CalledTurn): AssistantModelMessage => ({
  role: 'assistant',
  content: [
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...calls.map(({ id, name, args }) => ({
      ...({ type: 'tool-call', toolCallId: id, toolName: name } as const),
      // Providers take back nothing but objects.
      input: isObject(args) ? args : {},
    })),
  ],
})

const isObject = (args: Json): args is JsonObject => typeof args === 'object' && args !== null && !Array.isArray(args)

const resultOf = ({ id, name, state, value }: ModelResult) => ({
  ...({ type: 'tool-result', toolCallId: id, toolName: name } as const),
  // The SDK wants its JSON writable, and leaves it alone.
  output: { type: state === 'completed' ? 'json' : 'error-json', value: value as never } as const,
})

/** Tools without anything that runs: whether and how they are used is decided elsewhere. */
export const toolsOf = (tools: readonly OfferedTool[]): ToolSet =>
  Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      // Arguments are checked where tools are used, in the same way whoever asks.
      tool({ description, inputSchema: jsonSchema(parameters) }),
    ]),
  )

/** What a model said and called, from the messages that the SDK made of it. */
export function calledTurn(
  by: string,
  calls: readonly ModelCall[],
  text: string,
  messages: readonly ModelMessage[],
): CalledTurn {
  // The SDK adds answers of its own to calls that it takes for wrong.
  const raw = messages.find(message => message.role === 'assistant')
  return { role: 'called', text, calls, by, raw: raw && withoutLong(raw) }
}

/** Without arguments that are too long: with every further question they would be paid for again. */
function withoutLong({ content, ...message }: AssistantModelMessage): AssistantModelMessage {
  if (typeof content === 'string') return { ...message, content }
  const shorter = content.map(part =>
    part.type === 'tool-call' && isTooLong(part.input) ? { ...part, input: {} } : part,
  )
  return { ...message, content: shorter }
}
