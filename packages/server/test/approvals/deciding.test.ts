import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deciding } from '../../src/agents/deciding.ts'
import { guide } from '../../src/agents/guide.ts'
import { createApprovals } from '../../src/agents/tools/approvals.ts'
import { decisionOf, newCode } from '../../src/core/approval.ts'
import { later } from '../../src/core/runs.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { Level2Client } from '../rooms/level2/client.ts'
import { temporaryDirectory } from '../stores/temporary.ts'
import { type Member, openWorld, testIds, type World } from '../world.ts'
import { answer, inRoom, openNotes, openTeamNotes, say, wanted } from './agent.ts'

const UNKNOWN = /^I did not ask you for [2-9A-Z]{8}, or it is long over/

/** The direct room of somebody with the assistant, at level 2. */
async function alone(client: Level2Client): Promise<string> {
  const { room_id } = (await client.ask({ type: 'open_direct', data: { username: 'assistant' } })).data
  return String(room_id)
}

test('[APPROVE-1] what an agent wants to do waits for its asker, and is done once they say so, to the letter', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const [ada, ben] = [await inRoom(world, await world.member('ada')), await inRoom(world, await world.member('ben'))]
  const code = await wanted(ada, 'milk “&” 🥛')
  expect(notes()).toEqual([])
  expect(await say(ada, `/approve ${code}`)).toBe('Noted.')
  expect(notes()).toEqual([{ title: 'milk “&” 🥛' }])
  // Everybody in the room sees who allowed it.
  const frames = await ben.wire.until(({ data }) => data.content === `/approve ${code}`)
  expect(frames.at(-1)?.data).toMatchObject({ username: 'ada' })
  expect(await answer(ben)).toBe('Noted.')
})

test('[APPROVE-1] what is denied is not done', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  const code = await wanted(ada)
  expect(await say(ada, ` /DENY  ${code.toLowerCase()}\n`)).toBe('Denied. I did not use make_note.')
  expect(await say(ada, `/approve ${code}`)).toBe(`${code} was denied already, and that counts once.`)
  expect(notes()).toEqual([])
})

test('[APPROVE-2] a restart between asking and deciding changes nothing', async () => {
  await using directory = await temporaryDirectory()
  const open = async () => openNotes({ store: await openSqliteStore(join(directory.path, 'data')) })
  let code: string
  let member: Member
  {
    const { world: opened } = await open()
    await using world = opened
    member = await world.member('ada')
    code = await wanted(await inRoom(world, member))
  }
  const { world: opened, notes } = await open()
  await using world = opened
  const ada = await inRoom(world, member)
  expect(await say(ada, `/approve ${code}`)).toBe('Noted.')
  expect(await say(ada, `/approve ${code}`)).toBe(`${code} was approved already, and that counts once.`)
  expect(notes()).toEqual([{ title: 'milk' }])
})

test('[APPROVE-3] it is too late after the time for it, and an hour later nobody remembers', async () => {
  const { world: opened, notes } = await openNotes({ settings: { approvalTime: 60_000 } })
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  const [first, second] = [await wanted(ada), await wanted(ada)]
  world.clock.advance(59_999)
  expect(await say(ada, `/approve ${first}`)).toBe('Noted.')
  world.clock.advance(1)
  expect(await say(ada, `/approve ${second}`)).toMatch(/^It is too late/)
  expect(await world.execute('operator', { type: 'approvals.sweep' })).toEqual({ erased: 0 })
  world.clock.advance(3_600_000)
  expect(await world.execute('operator', { type: 'approvals.sweep' })).toEqual({ erased: 2 })
  expect(await say(ada, `/approve ${second}`)).toMatch(UNKNOWN)
  expect(notes()).toHaveLength(1)
})

test('[APPROVE-4] of two devices that decide at once one counts', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const member = await world.member('ada')
  const [one, two] = [await inRoom(world, member), await inRoom(world, member)]
  const code = await wanted(one)
  for (const client of [one, two])
    client.wire.send({
      type: 'chat',
      message_id: client === one ? 'm1' : 'm2',
      room_id: 'kitchen',
      data: { message: `/approve ${code}` },
    })
  const answers = [await answer(one), await answer(one)]
  expect(answers.toSorted()).toEqual([`${code} was approved already, and that counts once.`, 'Noted.'].toSorted())
  expect(notes()).toHaveLength(1)
})

test('[APPROVE-5] nobody else can decide it: no other member, no admin, no bot, no agent', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  const code = await wanted(ada)
  for (const role of ['member', 'admin', 'bot'] as const) {
    const other = await inRoom(world, await world.member(`a ${role}`, role))
    expect(await say(other, `/approve ${code}`)).toMatch(UNKNOWN)
  }
  // What the assistant itself says starts nothing.
  expect(await say(ada, `@assistant /approve ${code}`)).toBe('What?')
  expect(notes()).toEqual([])
  expect((await ada.ask({ type: 'approvals' })).data.approvals).toMatchObject([{ approval: code }])
})

test('[APPROVE-6] it is decided where it was asked for, or with the agent alone; elsewhere others would read what comes of it', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  await ada.ask({ type: 'join_room', data: { room_id: 'attic', room_type: 'shared' } })
  const [direct, talk, home] = [await wanted(ada, 'a'), await wanted(ada, 'b'), await wanted(ada, 'c')]
  const refused = await say(ada, `/approve ${home}`, 'attic')
  expect(refused).toMatch(/^I did not ask for [2-9A-Z]{8} here/)
  expect(refused).not.toContain('kitchen')
  expect(await say(ada, `/approve ${direct}`, await alone(ada))).toBe('Noted.')
  const begun = await ada.ask({ type: 'chat', data: { message: `/approve ${talk}` } })
  expect(begun).toMatchObject({ type: 'delivery_confirmation' })
  expect(await answer(ada)).toBe('Noted.')
  expect(await say(ada, `/approve ${home}`)).toBe('Noted.')
  expect(notes()).toEqual([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
})

test('[APPROVE-6] in a private room each conversation is a place of its own', async () => {
  const { world: opened } = await openNotes()
  await using world = opened
  const ada = await Level2Client.live(world, await world.member('ada'))
  await ada.ask({ type: 'join_room', data: { room_id: 'study' } })
  const asked = await ada.ask({ type: 'chat', room_id: 'study', data: { message: 'note tea' } })
  const code = (await answer(ada)).slice(-8)
  expect(await say(ada, `/approve ${code}`, 'study')).toMatch(/^I did not ask/)
  const { conversation_id } = asked.data
  await ada.ask({ type: 'chat', room_id: 'study', data: { message: `/approve ${code}`, conversation_id } })
  expect(await answer(ada)).toBe('Noted.')
})

test('[APPROVE-7] who left the room where it was asked for decides it nowhere; nobody does in a deleted one', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const host = await world.member('ben')
  const [ben, ada] = [await inRoom(world, host), await inRoom(world, await world.member('ada'))]
  const [code, his] = [await wanted(ada), await wanted(ben)]
  await ada.ask({ type: 'leave_room', data: { room_id: 'kitchen' } })
  const room = await alone(ada)
  expect(await say(ada, `/approve ${code}`, room)).toMatch(/^You are no longer in the room/)
  expect((await ada.ask({ type: 'approvals' })).data.approvals).toEqual([])
  await world.execute(host, { type: 'room.delete', ref: { by: 'label', label: 'kitchen' } })
  expect(await say(ben, `/approve ${his}`, await alone(ben))).toMatch(UNKNOWN)
  expect(await say(ada, `/deny ${code}`, room)).toMatch(UNKNOWN)
  expect(notes()).toEqual([])
})

test('[APPROVE-8] only a message that says nothing else decides, and asks where the assistant answers those who mention it', async () => {
  const code = 'ABCD2345'
  for (const text of [`/approve ${code}`, `/approve  ${code.toLowerCase()} \n`, `\n/Approve\t${code}`])
    expect(decisionOf(text), text).toEqual({ decision: 'approved', code })
  expect(decisionOf(`/deny ${code}`)).toEqual({ decision: 'denied', code })
  for (const text of [
    ...[
      '',
      '/approve',
      `approve ${code}`,
      `/approve${code}`,
      `/approve ${code}2`,
      `/approve ${code} please`,
      '/approve ABCD234',
    ],
    ...[`> /approve ${code}`, `“/approve ${code}”`, `/approve\n${code}`, `/approve ${code}\n/approve ${code}`],
    ...[`@assistant /approve ${code}`, '/approve ABCD2340', '/approve ABCD234O', `/approved ${code}`],
  ])
    expect(decisionOf(text), text).toBeUndefined()
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const ada = await inRoom(world, await world.member('ada'))
  const real = await wanted(ada)
  await ada.ask({ type: 'chat', room_id: 'kitchen', data: { message: `> /approve ${real}` } })
  await ada.ask({ type: 'change_room', room_id: 'kitchen', data: { assistant: 'off' } })
  await ada.ask({ type: 'chat', room_id: 'kitchen', data: { message: `/approve ${real}` } })
  await ada.ask({ type: 'change_room', room_id: 'kitchen', data: { assistant: 'mention' } })
  expect(await say(ada, '@assistant hello')).toBe('What?')
  expect(notes()).toEqual([])
  expect(await say(ada, `/approve ${real}`)).toBe('Noted.')
})

test('[APPROVE-8] a code is eight letters and digits that cannot be mistaken for each other', () => {
  const codes = Array.from({ length: 500 }, () => newCode(testIds))
  for (const code of codes) expect(decisionOf(`/deny ${code}`)?.code).toBe(code)
  expect(new Set(codes).size).toBe(500)
  expect(new Set(codes.join('')).size).toBe(32)
})

test('[APPROVE-9] what is done is what was asked for, whatever became of the words around it', async () => {
  const { world: opened, notes } = await openNotes()
  await using world = opened
  const admin = await world.member('root', 'admin')
  const ada = await inRoom(world, await world.member('ada'))
  const code = await wanted(ada)
  const { messages } = (await ada.ask({ type: 'history', room_id: 'kitchen' })).data as { messages: { id: string }[] }
  await world.execute(admin, { type: 'message.amend', id: messages[0]!.id, body: '@assistant note everything' })
  await world.execute(admin, { type: 'message.remove', id: messages[1]!.id })
  expect(await say(ada, `/approve ${code}`)).toBe('Noted.')
  expect(notes()).toEqual([{ title: 'milk' }])
})

test('[APPROVE-10] without a model, and without the tool, a decision is still heard', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'data')
  let codes: readonly [string, string]
  let member: Member
  {
    const { world: opened } = await openNotes({ store: await openSqliteStore(path) })
    await using world = opened
    member = await world.member('ada')
    const ada = await inRoom(world, member)
    codes = [await wanted(ada), await wanted(ada)]
  }
  const approvals = createApprovals(() => world.core)
  const agents = deciding(guide, { approvals, sources: [], later, onFault: () => undefined })
  await using world: World = await openWorld({ store: await openSqliteStore(path), agents })
  const ada = await inRoom(world, member)
  expect(await say(ada, `/deny ${codes[0]}`)).toBe('Denied. I did not use make_note.')
  expect(await say(ada, `/approve ${codes[1]}`)).toMatch(/^You approved make_note, but that tool is not here any more/)
  expect(await say(ada, `/approve ${codes[1]}`)).toMatch(/already/)
  expect(await say(ada, '@assistant 1+1')).toBe('1+1 = 2')
})

test('[APPROVE-11] a decision is heard by whoever asked for it, a team like the assistant', async () => {
  await using directory = await temporaryDirectory()
  const open = async () => openTeamNotes({ store: await openSqliteStore(join(directory.path, 'data')) })
  const code = async (client: Level2Client) => (await say(client, '@books note milk')).slice(-8)
  let [member, codes]: [Member | undefined, string[]] = [undefined, []]
  {
    const { world: opened } = await open()
    await using world = opened
    member = await world.member('ada')
    const ada = await inRoom(world, member)
    codes = [await code(ada), await code(ada), await code(ada)]
    const ben = await inRoom(world, await world.member('ben'))
    expect(await say(ben, `/approve ${codes[0]}`)).toMatch(UNKNOWN)
  }
  const { world: opened, notes } = await open()
  await using world = opened
  const ada = await inRoom(world, member)
  expect(await say(ada, `/approve ${codes[0]}`)).toBe('Noted.')
  await ada.ask({ type: 'decide', data: { approval: codes[1], decision: 'approve' } })
  expect(await answer(ada)).toBe('Noted.')
  await ada.ask({ type: 'decide', data: { approval: codes[2], decision: 'approve', privately: true } })
  expect(await answer(ada)).toBe('Noted.')
  expect(notes()).toHaveLength(3)
})
