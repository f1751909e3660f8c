import { assistantHealth, statistics, tools } from '@parley/protocol/assistant/endpoints'
import { expect, it } from 'vitest'
import { openSite } from './site.ts'

const numbers = {
  ...{ total_tools: 1, unique_paths: 1, methods_distribution: { GET: 1 } },
  ...{ excluded_paths: 2, allowed_paths: 0, has_restrictions: true },
}

const state = {
  model: '</script><script>alert(1)</script>',
  tally: { sessions: 4, frames: 30, questions: 10, failures: 2 },
  tools: () => ({ tools_description: [{ name: 'getOrder' }], tools_metadata: {}, statistics: numbers }),
  maxSessions: 7,
  sessionTimeout: 9,
  isProofRequired: true,
  authTypes: ['bearer_token'],
}

it.each(['/bedrock-chat', '/chat'])(
  '[ASSIST-50] [OPENAPI-50] %s tells of the assistant’s health, numbers and tools',
  async prefix => {
    await using site = await openSite({ http: { assistant: state } })
    const health = await site.ask('GET', `${prefix}/health`)
    expect(health.status).toBe(200)
    expect(assistantHealth.parse(health.body)).toMatchObject({
      status: 'healthy',
      bedrock: { status: 'healthy', model: state.model },
      config: { ui_enabled: true, max_sessions: 7 },
    })
    const stats = await site.ask('GET', `${prefix}/stats`)
    expect(statistics.parse(stats.body)).toMatchObject({
      websocket: { total_messages_handled: 30, total_tool_calls_executed: 0, total_errors: 2 },
      sessions: {
        ...{ active_sessions: 0, total_sessions_created: 4, total_messages_processed: 10, unique_users: 0 },
        ...{ average_messages_per_session: 2.5, max_sessions: 7, session_timeout: 9 },
      },
      tools: numbers,
    })
    expect(tools.parse((await site.ask('GET', `${prefix}/tools`)).body)).toMatchObject({
      tools_description: [{ name: 'getOrder' }],
      statistics: numbers,
    })
    expect((await site.ask('POST', `${prefix}/stats`)).status).toBe(405)
  },
)

it('[ASSIST-50] where the store does not answer the assistant is unhealthy', async () => {
  await using site = await openSite({ http: { health: async () => ({ healthy: false, body: {} }) } })
  const { status, body } = await site.ask('GET', '/bedrock-chat/health')
  expect([status, body]).toEqual([503, { status: 'unhealthy', error: 'The store does not answer' }])
})

it('[ASSIST-51] the chat page runs our script alone, and has the globals of its family', async () => {
  await using site = await openSite({ http: { assistant: state } })
  const { status, headers, text } = await site.ask('GET', '/bedrock-chat/ui')
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toMatch(/script-src 'sha256-[^' ]+'; connect-src 'self';/)
  expect(text.match(/<script/g)).toHaveLength(1)
  expect(text).not.toContain('<script>alert')
  for (const name of ['websocketUrl', 'authEnabled', 'requireAuth', 'supportedAuthTypes', 'modelId'])
    expect(text).toMatch(new RegExp(`^var ${name} = `, 'm'))
  expect((await site.ask('GET', '/chat/ui')).text).toContain('"/chat/ws"')
})

it('[ASSIST-1] who asks for a WebSocket endpoint without an upgrade is told', async () => {
  await using site = await openSite()
  for (const path of ['/ws/chat', '/bedrock-chat/ws', '/chat/ws'])
    expect(await site.ask('GET', path)).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } })
})
