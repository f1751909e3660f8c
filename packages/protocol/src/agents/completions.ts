import { z } from 'zod'

/** Longest request, in bytes: whole conversations come with every question. */
export const REQUEST_MAX_BYTES = 2_097_152
/** Longest text of all system messages, in Unicode code points. */
export const SYSTEM_MAX = 20_000
/** Most messages of a request. */
export const MESSAGES_MAX = 1_000

const textPart = z.object({
  type: z.literal('text', 'Only parts of the type text are understood here'),
  text: z.string(),
})
const content = z.union([z.string(), z.array(textPart)], 'A text, or a list of parts of the type text')

const said = <const R extends string>(...roles: [R, ...R[]]) => z.object({ role: z.enum(roles), content })

const noTools = z
  .array(z.unknown())
  .nullish()
  .refine(list => !list?.length, 'Tools of a client are not used here: agents have those of the server')

/** POST /openai/v1/chat/completions. What is not named here is passed over. */
export const completionBody = z.object({
  model: z.string().min(1),
  messages: z
    .array(
      z.discriminatedUnion('role', [said('system', 'developer'), said('user', 'assistant')], {
        error: 'The role of a message is system, developer, user or assistant',
      }),
    )
    .min(1)
    .max(MESSAGES_MAX),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z
    .int()
    .nullish()
    .refine(n => n == null || n === 1, 'One answer is given to a question: n has to be 1'),
  tools: noTools,
  functions: noTools,
})
export type CompletionBody = z.infer<typeof completionBody>

/** Tokens: all of them as the provider counts, of which the completion's are an estimate by its length. */
export const usage = z.strictObject({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
})
export type Usage = z.infer<typeof usage>

const head = { id: z.string(), created: z.int(), model: z.string() }

export const completion = z.strictObject({
  ...head,
  object: z.literal('chat.completion'),
  choices: z.tuple([
    z.strictObject({
      index: z.literal(0),
      message: z.strictObject({ role: z.literal('assistant'), content: z.string() }),
      finish_reason: z.literal('stop'),
    }),
  ]),
  /** Absent where nobody counted. */
  usage: usage.optional(),
})
export type Completion = z.infer<typeof completion>

/** One event of a stream. The last one has no choices and the usage, where that was asked for. */
export const completionChunk = z.strictObject({
  ...head,
  object: z.literal('chat.completion.chunk'),
  choices: z
    .array(
      z.strictObject({
        index: z.literal(0),
        delta: z.strictObject({ role: z.literal('assistant').optional(), content: z.string().optional() }),
        finish_reason: z.literal('stop').nullable(),
      }),
    )
    .max(1),
  usage: usage.nullish(),
})
export type CompletionChunk = z.infer<typeof completionChunk>

/** GET /openai/v1/models */
export const modelList = z.strictObject({
  object: z.literal('list'),
  data: z.array(z.strictObject({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() })),
})

export const completionError = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'authentication_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable(),
    code: z.string(),
  }),
})
export type CompletionError = z.infer<typeof completionError>
