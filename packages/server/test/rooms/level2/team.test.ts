import { expect, test } from 'vitest'
import { saveFor } from '../../artefacts.ts'
import { TestAgent } from '../../core/runs/desk.ts'
import { openWorld, until } from '../../world.ts'
import { Level2Client, short } from './client.ts'

/** A room with two at level 2, and one whose client is documented. A team answers in it. */
async function scene(label: string) {
  const agent = new TestAgent()
  const world = await openWorld({ agents: agent })
  const [ada, bob, cy] = [await world.member('ada'), await world.member('bob'), await world.member('cy')]
  const [a, b] = [await Level2Client.live(world, ada), await Level2Client.live(world, bob)]
  if (label !== 'lobby') for (const client of [a, b]) await client.join(label)
  const documented = await world.joinRooms(cy, { room_id: label })
  await a.say(label, '@books a plot, please')
  await until(() => agent.asked.length === 1)
  return { world, ...{ ada, bob, cy, a, b, documented }, ...agent.asked[0]! }
}

/** What a team says and does, with the last of it. */
function work({ script }: TestAgent['asked'][number]): void {
  const tool = { type: 'tool', call: '1', name: 'save_plot' } as const
  script.give({ type: 'text', text: 'I ask. ', by: 'OrchestratorAgent' })
  script.give({ type: 'switch', from: 'OrchestratorAgent', to: 'PlotGeneratorAgent', reason: 'A plot' })
  script.give({ type: 'text', text: 'Dragons.', by: 'PlotGeneratorAgent' })
  script.give({ ...tool, state: 'started', detail: null })
  script.give({ ...tool, state: 'completed', detail: { plot_id: 'p' } })
  script.finish()
}

test('[TEAM-63] a team named in a room: everybody at level 2 sees who speaks, hand-offs and tools live; others get the text', async () => {
  const { world: opened, a, b, documented, ...asked } = await scene('kitchen')
  await using _world = opened
  expect(asked.question.run.agent).toBe((await opened.store.userByName('books'))?.id)
  work(asked)
  for (const client of [a, b]) {
    const frames = []
    while (frames.at(-1)?.data.role !== 'assistant') frames.push(client.pushed.shift() ?? (await client.wire.next()))
    const steps = frames.filter(({ data }) => 'n' in data)
    expect(steps.map(short)).toEqual([
      'run_text 1',
      'run_switch 2',
      'run_text 3',
      'run_tool 4',
      'run_tool 5',
      'run_end 6',
    ])
    expect(steps[0]?.data).toMatchObject({ text: 'I ask. ', by: 'OrchestratorAgent' })
    expect(steps[1]?.data).toMatchObject({ from: 'OrchestratorAgent', to: 'PlotGeneratorAgent', reason: 'A plot' })
    expect(steps[2]?.data).toMatchObject({ text: 'Dragons.', by: 'PlotGeneratorAgent' })
  }
  const answer = (await documented.until(({ data }) => data.done === true)).filter(
    ({ data }) => data.role === 'assistant',
  )
  expect(answer.map(({ data }) => data.content).join('')).toBe('I ask. Dragons.')
})

test('[TEAM-63] in the lobby Token Bowl gets the finished text from a bot', async () => {
  const { world: opened, cy, ...asked } = await scene('lobby')
  await using world = opened
  const bowl = await world.connect(cy)
  work(asked)
  expect(await bowl.next()).toMatchObject({ content: 'I ask. Dragons.', from_username: 'books', from_user_bot: true })
})

test('[TEAM-63] what a team saves in a room its members read, and nobody else; without an account nobody gets in to ask', async () => {
  const { world: opened, ada, bob, cy, question, script } = await scene('kitchen')
  await using world = opened
  const saved = await saveFor(world.core, ada.user, question.room, { run: question.run })
  script.finish()
  const show = { type: 'artefact.show', id: saved.id, version: null } as const
  for (const member of [ada, bob, cy])
    expect((await world.execute(member, show)).artefact).toMatchObject({ owner: ada.user.id, title: 'Ash' })
  await expect(world.execute(await world.member('eve'), show)).rejects.toMatchObject({
    refusal: { code: 'artefact_unknown' },
  })
  expect((await world.knock('/api/v1/ws/ws?room_id=kitchen')).status).toBe(401)
})
