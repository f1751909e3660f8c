import { expect, test } from 'vitest'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { TestAgent } from '../core/runs/desk.ts'
import { until } from '../world.ts'
import { SessionClient } from './client.ts'
import { openHouse } from './schedules/house.ts'

test('[TEAM-64] after a kill a session has its history, its model, who spoke last, and what was said of the answer under way', async () => {
  const agent = new TestAgent()
  await using house = await openHouse(openMemoryStore(), () => 0, { agents: agent })
  const before = await SessionClient.open(house.world, 's')
  await before.ask({ type: 'model_switch', content: 'gemini-2.0-flash-exp' })
  before.say('one')
  await until(() => agent.asked.length === 1)
  const { script } = agent.asked[0]!
  script.give({ type: 'text', text: 'Half ', by: 'OrchestratorAgent' })
  script.give({ type: 'switch', from: 'OrchestratorAgent', to: 'PlotGeneratorAgent', reason: 'A plot' })
  script.give({ type: 'text', text: 'a plot', by: 'PlotGeneratorAgent' })
  await before.take(3)
  before.say('two')
  await until(() => house.world.core.context.runs.active === 2)
  await house.kill()
  const after = await SessionClient.open(house.world, 's')
  after.send({ type: 'session_restore' })
  expect(await after.expect('session_restored')).toMatchObject({
    messages: [
      { role: 'user', content: 'one' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'Half a plot', agent: 'PlotGeneratorAgent' },
    ],
    ...{ current_model: 'gemini-2.0-flash-exp', current_agent: 'PlotGeneratorAgent' },
  })
  after.say('three')
  await until(() => agent.asked.length === 2)
  expect(agent.asked[1]).toMatchObject({ question: { run: { options: { model: 'gemini-2.0-flash-exp' } } } })
  agent.asked[1]!.script.finish()
  await after.expect('completion')
})
