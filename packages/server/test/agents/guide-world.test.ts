import { expect, test } from 'vitest'
import { deciding } from '../../src/agents/deciding.ts'
import { createGuide } from '../../src/agents/guide.ts'
import { createApprovals } from '../../src/agents/tools/approvals.ts'
import { builtInTools } from '../../src/agents/tools/built-in/source.ts'
import type { Core } from '../../src/core/core.ts'
import type { RoomId } from '../../src/core/ids.ts'
import { later } from '../../src/core/runs.ts'
import { named } from '../files/core.ts'
import { type Member, openWorld, type World, type WorldOptions } from '../world.ts'

/** A server on which the guide answers with everything it has. */
async function openGuided(options: WorldOptions = {}): Promise<World> {
  const core = (): Core => world.core
  const ports = {
    ...{ core, later, sources: [builtInTools(core)], approvals: createApprovals(core) },
    onFault: (error: unknown) => void world.faults.push(error),
  }
  const world = await openWorld({ agents: deciding(createGuide(ports), ports), ...options })
  return world
}

/** Says something in a room, and resolves with the text that answers it. */
async function ask(world: World, as: Member, room: RoomId, body: string): Promise<string> {
  await world.core.context.search.caughtUp()
  const { promise, resolve } = Promise.withResolvers<string>()
  const { broker } = world.core.context
  const stop = broker.subscribe(events => {
    for (const event of events)
      if (event.type === 'message.sent' && event.run && event.room.id === room) resolve(event.message.body)
  })
  const to = { at: 'room', ref: { by: 'id', id: room }, unknown: 'refuse' } as const
  await world.execute(as, { type: 'message.send', to, body })
  const text = await promise
  stop()
  return text
}

async function scene(world: World) {
  const [ann, ben, cay] = [await world.member('ann'), await world.member('ben'), await world.member('cay')]
  const say = (as: Member, label: string, body: string) =>
    world.execute(as, { type: 'message.send', to: { at: 'room', ref: named(label), unknown: 'refuse' }, body })
  const make = async (label: string, ...others: Member[]) => {
    const { id } = await world.execute(ann, { type: 'room.make', label, name: label, kind: 'group' })
    for (const { user } of others) await world.execute(ann, { type: 'members.add', ref: named(label), user: user.id })
    return id
  }
  const { room } = await world.execute(ann, { type: 'room.open_direct', ref: 'assistant' })
  return { ann, ben, cay, say, both: await make('both', ben), hers: await make('hers', cay), alone: room.id }
}

test('[RUN-46] the guide finds messages with who, when and where, newest first, and never its own questions and answers', async () => {
  await using world = await openGuided()
  const { ann, ben, cay, say, alone } = await scene(world)
  await say(ben, 'both', 'the budget is late')
  world.clock.advance(60_000)
  await say(cay, 'hers', 'budget: 300')
  const lines = [
    'Messages with “budget”, newest first, times in UTC:',
    '- cay in hers, 2026-01-01 00:01: budget: 300',
    '- ben in both, 2026-01-01 00:00: the budget is late',
  ]
  expect(await ask(world, ann, alone, '/search budget')).toBe(lines.join('\n'))
  // Nor is it found that somebody looked for it.
  expect(await ask(world, ann, alone, 'search for budget')).toBe(lines.join('\n'))
  expect(await ask(world, ann, alone, 'find budget?')).toBe(lines.join('\n'))
  // What others say is found, whatever it begins with.
  await say(ben, 'both', 'Find the minutes in /srv')
  await say(ben, 'both', '/srv has the minutes')
  expect((await ask(world, ann, alone, '/search minutes')).split('\n')).toHaveLength(3)
  expect(await ask(world, ann, alone, '/search from:ben budget')).toContain('ben in both')
  expect(await ask(world, ann, alone, '/search budget since:2026-01-02')).toMatch(
    /^Nothing found for “budget”\. All words/,
  )
  expect(await ask(world, ann, alone, '/search from:nobody budget')).toBe('Nobody here is called nobody.')
  expect(await ask(world, ann, alone, '/search')).toMatch(/^Tell me what to look for/)
})

test('[RUN-46] in a room with others the guide finds and sums up only what all of them may read', async () => {
  await using world = await openGuided()
  const { ann, ben, cay, say, both } = await scene(world)
  await say(ben, 'both', 'the budget is late')
  await say(cay, 'hers', 'the budget of hers is secret')
  const found = await ask(world, ann, both, '@assistant /search budget')
  expect(found).toContain('ben in both')
  expect(found).toContain('only what everybody in this room may read')
  expect(found).not.toContain('secret')
  const summed = await ask(world, ann, both, '@assistant what did I miss?')
  expect(summed).toContain('- ben, 2026-01-01 00:00: the budget is late')
  expect(summed).not.toContain('secret')
})

test('[RUN-46] in a private room nothing is told from before the latest of its members came', async () => {
  await using world = await openGuided()
  const [ann, ben] = [await world.member('ann'), await world.member('ben')]
  const { id } = await world.execute(ann, { type: 'room.make', label: 'quiet', name: 'quiet', kind: 'private' })
  const change = { type: 'room.change', ref: named('quiet'), patch: { assistant: 'mention' } } as const
  await world.execute(ann, change)
  const say = (body: string) =>
    world.execute(ann, { type: 'message.send', to: { at: 'room', ref: named('quiet'), unknown: 'refuse' }, body })
  await say('before ben came we agreed')
  await world.execute(ann, { type: 'members.add', ref: named('quiet'), user: ben.user.id })
  await say('after ben came we argued')
  const summed = await ask(world, ann, id, '@assistant /summary 50')
  expect(summed).toContain('after ben came')
  expect(summed).not.toContain('before ben came')
})

test('[RUN-44] alone with the guide a summary is of what is unread in all rooms, with who said how much', async () => {
  await using world = await openGuided()
  const { ann, ben, cay, say, alone } = await scene(world)
  expect(await ask(world, ann, alone, '/summary')).toMatch(/^You have read everything\./)
  await say(ben, 'both', 'Ann, when does the budget come?')
  await say(ben, 'both', 'ok')
  await say(cay, 'hers', 'The printer on floor 3 is broken again.')
  const text = [
    'The sentences that seem to tell most, picked by fixed rules; times in UTC.',
    'hers: 1 unread message, by cay (1).\n- cay, 2026-01-01 00:00: The printer on floor 3 is broken again.',
    'both: 2 unread messages, by ben (2).\n- ben, 2026-01-01 00:00: Ann, when does the budget come?',
  ].join('\n\n')
  expect(await ask(world, ann, alone, 'What did I miss?')).toBe(text)
  expect(await ask(world, ann, alone, 'summarize')).toBe(text)
  await world.execute(ann, { type: 'read.to', ref: named('both'), upTo: 'head' })
  expect(await ask(world, ann, alone, '/summary')).not.toContain('budget')
  expect(await ask(world, ann, alone, '/summary 1')).toContain('both: 1 latest message, by ben (1).')
})

test('[RUN-47] the guide lists tools and does exactly the call that is written; what writes waits for approval', async () => {
  await using world = await openGuided()
  const { ann, ben, say, both, alone } = await scene(world)
  await say(ben, 'both', 'the budget is late')
  const tools = await ask(world, ann, alone, '/tools')
  expect(tools).toContain('- search_messages (words, sender, from, until, limit): Finds messages')
  expect(tools).toContain('- post_message (to, text), after you approve it:')
  const found = await ask(world, ann, alone, '/use search_messages {"words": "budget", "sender": "ben"}')
  expect(found).toMatch(/^search_messages gave:\nhas_more: false\n\| room \| sender \| at \| excerpt \| message \|\n/)
  expect(found).toContain('| both | ben | 2026-01-01T00:00:00.000Z | the budget is late |')
  expect(await ask(world, ann, alone, '/use search_messages {"word": 1}')).toMatch(
    /^search_messages failed: Invalid arg/,
  )
  expect(await ask(world, ann, alone, '/use search_messages {')).toMatch(/is no JSON/)
  expect(await ask(world, ann, alone, '/use rm {}')).toBe('rm failed: Unknown tool: rm')
  const waiting = await ask(world, ann, alone, '/use post_message {"to": "both", "text": "late, yes"}')
  const [, code] = /`\/approve (\w+)`/.exec(waiting) ?? []
  const history = async () => {
    const window = { conversation: null, where: { newest: true }, limit: 1 } as const
    const { items } = await world.execute(ben, { type: 'room.history', ref: { by: 'id', id: both }, ...window })
    return items.map(({ sender, message }) => `${sender.name}: ${message.body}`)
  }
  expect(await history()).toEqual(['ben: the budget is late'])
  expect(await ask(world, ann, alone, `/approve ${code}`)).toMatch(/^post_message gave:\n/)
  expect(await history()).toEqual(['ann: late, yes'])
})

test('[RUN-48] a guest gets fixed texts alone, and the guide without means says that it can’t', async () => {
  await using world = await openWorld()
  const { ann, alone } = await scene(world)
  expect(await ask(world, ann, alone, '/search budget')).toMatch(/^I can't do that here/)
  const guide = createGuide({} as never)
  const question = { message: { body: '/summary' }, asker: { role: 'guest' }, begun: null } as never
  let text = ''
  for await (const event of guide.answer(question, new AbortController().signal))
    if (event.type === 'text') text += event.text
  expect(text).toBe('I do that only for people with an account here.')
})
