import { expect, test } from 'vitest'
import { adminOnly, allowed, type Capability, may, signedIn } from '../../src/core/permissions.ts'
import type { Actor, GivenRole } from '../../src/core/user.ts'
import { actorOf, openWorld } from '../world.ts'

const TABLE: Record<Capability, Record<GivenRole, boolean>> = {
  'lobby.send': { admin: true, member: true, bot: true, viewer: false },
  'room.send': { admin: true, member: true, bot: true, viewer: false },
  'conversation.send': { admin: true, member: true, bot: true, viewer: false },
  'room.make': { admin: true, member: true, bot: true, viewer: false },
  'room.join': { admin: true, member: true, bot: true, viewer: true },
  'direct.send': { admin: true, member: true, bot: false, viewer: false },
  'direct.receive': { admin: true, member: true, bot: true, viewer: false },
  'profile.change': { admin: true, member: true, bot: true, viewer: false },
  'bots.own': { admin: true, member: true, bot: false, viewer: false },
  'password.own': { admin: true, member: true, bot: false, viewer: true },
  search: { admin: true, member: true, bot: true, viewer: true },
  'artefacts.own': { admin: true, member: true, bot: true, viewer: false },
  admin: { admin: true, member: false, bot: false, viewer: false },
}

test.each(Object.entries(TABLE) as [Capability, Record<GivenRole, boolean>][])(
  '[CORE-30] who may: %s',
  async (capability, roles) => {
    await using world = await openWorld()
    for (const [role, expected] of Object.entries(roles) as [GivenRole, boolean][]) {
      expect(may(role, capability)).toBe(expected)
      const member = await world.member(`a ${role}`, role)
      if (expected) expect(allowed(actorOf(member), capability)).toBe(member.user)
      else expect(() => allowed(actorOf(member), capability)).toThrow('role_forbids')
    }
  },
)

test('[CORE-31] whoever is not signed in does nothing that needs an account; the operator may what admins may', async () => {
  await using world = await openWorld()
  const anonymous: Actor = { kind: 'anonymous', address: '203.0.113.1', local: false }
  const operator: Actor = { kind: 'operator' }
  const [alice, root] = [await world.member('alice'), await world.member('root', 'admin')]
  for (const actor of [anonymous, operator]) expect(() => signedIn(actor)).toThrow('unauthenticated')
  expect(() => adminOnly(anonymous)).toThrow('unauthenticated')
  expect(() => adminOnly(actorOf(alice))).toThrow('admin_only')
  adminOnly(actorOf(root))
  adminOnly(operator)
  const send = { type: 'message.send', to: { at: 'lobby' }, body: 'a' } as const
  for (const actor of [anonymous, operator]) {
    await expect(world.core.execute(actor, send)).rejects.toThrow('unauthenticated')
    await expect(world.core.execute(actor, { type: 'unread.counts' })).rejects.toThrow('unauthenticated')
  }
})
