import { z } from 'zod'

const count = z.int().min(0)

/** What is known of the tools that the assistant may use. */
export const toolStatistics = z.strictObject({
  total_tools: count,
  unique_paths: count,
  methods_distribution: z.record(z.string(), count),
  excluded_paths: count,
  allowed_paths: count,
  has_restrictions: z.boolean(),
})

export const webSocketStatistics = z.strictObject({
  total_messages_handled: count,
  total_tool_calls_executed: count,
  total_errors: count,
})

/** Of sessions that are open, where a number is an average or of users. */
export const sessionStatistics = z.strictObject({
  active_sessions: count,
  total_sessions_created: count,
  total_messages_processed: count,
  average_session_duration_seconds: z.number().min(0),
  average_messages_per_session: z.number().min(0),
  unique_users: count,
  max_sessions: count,
  session_timeout: count,
})

/** GET …/stats */
export const statistics = z.strictObject({
  websocket: webSocketStatistics,
  sessions: sessionStatistics,
  tools: toolStatistics,
})
export type Statistics = z.infer<typeof statistics>

/** GET …/health. `region` is that of a model which has one. */
export const assistantHealth = z.strictObject({
  status: z.enum(['healthy', 'degraded']),
  bedrock: z.strictObject({
    status: z.enum(['healthy', 'unhealthy']),
    model: z.string(),
    region: z.string().nullable(),
    error: z.string().optional(),
  }),
  statistics,
  config: z.strictObject({
    model_id: z.string(),
    region: z.string().nullable(),
    ui_enabled: z.boolean(),
    max_sessions: count,
  }),
})
export type AssistantHealth = z.infer<typeof assistantHealth>

/** GET …/tools */
export const tools = z.strictObject({
  tools_description: z.array(z.record(z.string(), z.unknown())),
  tools_metadata: z.record(z.string(), z.unknown()),
  statistics: toolStatistics,
})
export type Tools = z.infer<typeof tools>
