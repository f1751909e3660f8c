import { z } from 'zod'
import { count, text } from '../text.ts'
import { frameDown, frameUp, id, timestamp } from './envelope.ts'
import { MAX_TOKENS_MAX, MODEL_MAX, SYSTEM_PROMPT_MAX, TEMPERATURE_MAX } from './limits.ts'

// --- the frame of the client

/** What the asker wants of the model. Any of them that is not null also asks the assistant. */
export const modelFields = {
  model_preference: text(0, MODEL_MAX).nullish(),
  system_prompt: text(0, SYSTEM_PROMPT_MAX).nullish(),
  temperature: z.number().min(0).max(TEMPERATURE_MAX).nullish(),
  max_tokens: z.int().min(1).max(MAX_TOKENS_MAX).nullish(),
}

/** The server has words of its own for a `message` that is missing, empty or too long. */
export const chatData = {
  message: z.string().nullish(),
  conversation_id: z.int().nullish(),
  ...modelFields,
}

export const chatFrame = frameUp(chatData)
export type ChatFrame = z.output<typeof chatFrame>

// --- frames of the server

/** To the others in a room: what a person or a bot wrote. */
export const userChatFrame = frameDown(
  'chat',
  z.strictObject({
    role: z.literal('user'),
    content: z.string(),
    user_id: z.string(),
    username: z.string(),
    message_id: id,
    /** What its sender called it. */
    client_id: z.string().nullable(),
    /** Null in rooms without a conversation. */
    conversation_id: z.int().nullable(),
    timestamp,
  }),
)
export type UserChatFrame = z.infer<typeof userChatFrame>

const answering = {
  role: z.literal('assistant'),
  user_id: z.string(),
  username: z.string(),
  conversation_id: z.int(),
  timestamp,
}

/** A further part of an answer, to whoever asked and to everybody in the room. `message_id` is the question's, as its sender called it. */
export const chunkFrame = frameDown(
  'chat',
  z.strictObject({
    ...answering,
    content: z.string(),
    streaming: z.literal(true),
    message_id: z.string().nullable(),
  }),
)
export type ChunkFrame = z.infer<typeof chunkFrame>

/** The end of an answer. */
export const completionFrame = frameDown(
  'chat',
  z.strictObject({
    ...answering,
    content: z.literal(''),
    streaming: z.literal(false),
    done: z.literal(true),
    /** The stored answer, as a number and as a UUID. */
    message_id: z.int(),
    id,
    /** The question, as its sender called it. */
    client_id: z.string().nullable(),
    tokens_used: count,
    model_used: z.string(),
    /** US dollars, twice; null where no price is known. */
    cost_usd: z.number().nullable(),
    cost: z.number().nullable(),
    /** Seconds. */
    response_time: z.number().min(0),
  }),
)
export type CompletionFrame = z.infer<typeof completionFrame>
