import { expect, test } from 'vitest'
import type { Role } from '../../src/core/user.ts'
import { openWorld } from '../world.ts'

interface Row {
  readonly role: Role
  readonly room: boolean
  readonly direct: boolean
  readonly receives: boolean
  readonly profile: boolean
  readonly bots: boolean
  readonly listed: boolean
  readonly admin: boolean
}

const ROWS: readonly Row[] = [
  { role: 'admin', room: true, direct: true, receives: true, profile: true, bots: true, listed: true, admin: true },
  { role: 'member', room: true, direct: true, receives: true, profile: true, bots: true, listed: true, admin: false },
  {
    role: 'viewer',
    room: false,
    direct: false,
    receives: false,
    profile: false,
    bots: false,
    listed: false,
    admin: false,
  },
  { role: 'bot', room: true, direct: false, receives: true, profile: true, bots: false, listed: true, admin: false },
]

test.each(ROWS)('[TB-70] what a $role may do', async row => {
  await using world = await openWorld()
  const [subject, other] = [await world.member('subject', row.role), await world.member('other')]
  const [s, o] = [await world.connect(subject), await world.connect(other)]
  const succeeds = async (type: string, frame: object) => (await s.ask(frame)).type === type

  expect(await succeeds('messages', { type: 'get_messages' })).toBe(true)
  expect(await succeeds('users', { type: 'get_users' })).toBe(true)
  expect(await succeeds('message_sent', { content: 'to all' })).toBe(row.room)
  expect(await succeeds('message_sent', { content: 'to one', to_username: 'other' })).toBe(row.direct)
  await o.take(Number(row.room) + Number(row.direct))

  const direct = await o.ask({ content: 'to you', to_username: 'subject' })
  expect(direct.type === 'message_sent').toBe(row.receives)
  if (row.receives) expect(await s.next()).toEqual(direct.message)

  const { users } = await o.ask({ type: 'get_users' })
  expect((users as { username: string }[]).some(user => user.username === 'subject')).toBe(row.listed)

  const may = (done: Promise<unknown>) =>
    done.then(
      () => true,
      () => false,
    )
  expect(await may(world.execute(subject, { type: 'me.webhook', url: null }))).toBe(row.profile)
  expect(await may(world.execute(subject, { type: 'bots.create', name: 'beeper' }))).toBe(row.bots)
  expect(await may(world.execute(subject, { type: 'admin.users' }))).toBe(row.admin)
  expect((await s.ask({ type: 'delete_message', message_id: 'x' })).error).toBe(
    row.admin ? 'Message x not found' : 'Only admins can delete messages',
  )
})

test('[TB-70] a bot has an emoji and never a logo', async () => {
  await using world = await openWorld()
  const bot = await world.member('beeper', 'bot')
  await expect(world.execute(bot, { type: 'me.logo', logo: 'openai.png' })).rejects.toThrow('bot_with_logo')
  await world.execute('operator', { type: 'admin.change', ref: 'beeper', patch: { emoji: '🤖' } })
  const alice = await world.connect(await world.member('alice'))
  await (await world.connect(bot)).say('beep')
  expect(await alice.next()).toMatchObject({ from_user_emoji: '🤖', from_user_logo: null, from_user_bot: true })
})
