import { expect } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { digestOf, newId, newUser, type OpenStore, START } from './store-world.ts'

const key = (text: string) => ({ digest: digestOf(text), sealed: `sealed ${text}` })

export function peopleRules(open: OpenStore): void {
  rule(
    open,
    '[STORE-60] a new user is found by id, name, e-mail and key, is in the lobby and told in the directory',
    async world => {
      const { store, write } = world
      const ann = newUser('Ann', {
        role: 'admin',
        email: 'ann@example.org',
        webhookUrl: 'https://example.org/hook',
        logo: 'openai.png',
        emoji: '🤖',
        createdBy: newId<UserId>(),
      })
      const create = { type: 'user.create', user: ann, key: key('a'), ticket: null, at: START + 5 } as const
      expect(await write(create)).toEqual({ seq: 1 })
      const found = [
        await store.user(ann.id),
        await store.userByName('ann'),
        await store.userByEmail('ann@example.org'),
        await store.userByKey(digestOf('a')),
      ]
      expect(found).toEqual([ann, ann, ann, ann])
      expect(await store.membership(store.lobby, ann.id)).toMatchObject({ sinceSeq: 0, since: 0 })
      expect(await store.sealedKey(ann.id)).toBe('sealed a')
      expect(await store.log(store.directory, 0, 10)).toEqual([
        { seq: 1, at: START + 5, type: 'user.created', user: ann },
      ])
      expect(await store.heads([store.lobby])).toEqual([0])
      const nobody = [
        await store.user(newId<UserId>()),
        await store.userByName('Ann'),
        await store.userByEmail('ann'),
        await store.userByKey(digestOf('b')),
        await store.sealedKey(newId<UserId>()),
      ]
      expect(nobody).toEqual([undefined, undefined, undefined, undefined, undefined])
    },
  )

  rule(open, '[STORE-61] names and e-mail addresses belong to one user', async world => {
    const { store, refusal, write, person } = world
    await person('Ann', { email: 'ann@example.org' })
    const ticket = { digest: digestOf('t'), purpose: 'first-admin' } as const
    const create = (user: User) => ({ type: 'user.create', user, key: key('a'), ticket, at: START }) as const
    expect(await refusal(create(newUser('ANN', { email: 'ann@example.org' })))).toEqual({
      code: 'name_taken',
      name: 'ANN',
    })
    expect(await refusal(create(newUser('ann2', { email: 'ann@example.org' })))).toEqual({ code: 'email_taken' })
    expect(await refusal(create(newUser('ann2')))).toEqual({ code: 'token_refused' })
    expect(await store.heads([store.directory])).toEqual([1])
    await write({ type: 'ticket.issue', ticket, subject: '', expiresAt: START + 1, at: START })
    await write(create(newUser('ann2')))
    expect(await refusal(create(newUser('ann3')))).toEqual({ code: 'token_refused' })
  })

  rule(open, '[STORE-62] a change sets what it names, and gives back a name that was left', async world => {
    const { store, write, refusal, person } = world
    const ann = await person('ann', { email: 'ann@example.org', emoji: '🐝' })
    const ben = await person('ben')
    const change = (id: UserId, patch: Partial<User>) => ({ type: 'user.change', id, patch, at: START + 9 }) as const
    const changed = { ...ann, name: 'Änn', email: null, role: 'admin', logo: 'grok.png' } as const
    const patch = { name: 'Änn', email: null, role: 'admin', logo: 'grok.png' } as const
    expect(await write(change(ann.id, patch))).toEqual({ user: changed, seq: 3 })
    expect(await store.user(ann.id)).toEqual(changed)
    expect(await store.log(store.directory, 2, 9)).toEqual([
      { seq: 3, at: START + 9, type: 'user.changed', user: changed },
    ])
    expect(await write(change(ann.id, { name: 'ÄNN' }))).toMatchObject({ user: { name: 'ÄNN' } })
    expect(await refusal(change(ben.id, { name: 'änn' }))).toEqual({ code: 'name_taken', name: 'änn' })
    expect(await store.isNameUsed('ann')).toBe(false)
    expect(await write(change(ben.id, { name: 'Ann', email: 'ann@example.org' }))).toMatchObject({ seq: 5 })
    expect(await refusal(change(ann.id, { email: 'ann@example.org' }))).toEqual({ code: 'email_taken' })
    const nobody = newId<UserId>()
    expect(await refusal(change(nobody, { name: 'x' }))).toEqual({ code: 'user_unknown', name: nobody })
  })

  rule(open, '[STORE-63] a deleted user keeps name and messages and nothing else; the bots go along', async world => {
    const { store, write, refusal, person, send, direct, unread, readAll } = world
    const ann = newUser('Ann', {
      email: 'a@example.org',
      webhookUrl: 'https://x.org',
      logo: 'l',
      emoji: 'e',
      role: 'admin',
    })
    await write({ type: 'user.create', user: ann, key: key('a'), ticket: null, at: START })
    const ben = await person('ben')
    const [bot, other] = [
      await person('bot', { createdBy: ann.id, role: 'bot' }),
      await person('bot2', { createdBy: ben.id }),
    ]
    const nested = await person('bot3', { createdBy: bot.id })
    const signIn = { id: newId<never>(), user: ann.id, digest: digestOf('s'), createdAt: START, expiresAt: START + 99 }
    await write({ type: 'sign_in.start', signIn, ticket: null, at: START })
    const room = await direct(ann, ben)
    const message = await send(ann, { room })
    const toAnn = await send(ben, { room })
    await send(ben, { room })
    await world.read(ann, (await send(ben, { room })).id)

    const gone = { ...ann, email: null, webhookUrl: null, logo: null, emoji: null, deletedAt: START + 7 }
    expect(await write({ type: 'user.delete', id: ann.id, at: START + 7 })).toEqual({
      users: [
        { user: gone, seq: 6 },
        { user: { ...bot, deletedAt: START + 7 }, seq: 7 },
        { user: { ...nested, deletedAt: START + 7 }, seq: 8 },
      ],
    })
    expect(await store.user(ann.id)).toEqual(gone)
    expect((await store.log(store.directory, 5, 9)).map(row => row.type)).toEqual(Array(3).fill('user.deleted'))
    expect(await store.everyone()).toEqual([ben, other])
    const found = [
      await store.userByName('ann'),
      await store.userByEmail('a@example.org'),
      await store.userByKey(digestOf('a')),
      await store.sealedKey(ann.id),
      await store.signIn(digestOf('s'), START),
    ]
    expect(found).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(await store.signInAlive(signIn.id, START)).toBe(false)
    expect(await store.membership(store.lobby, ann.id)).toBeUndefined()
    expect(await store.membership(room, ann.id)).toBeUndefined()
    expect(await unread(ann)).toEqual({ lobby: 0, direct: 0 })
    expect(await store.unread(ann.id, 'direct', { limit: 9, offset: 0 })).toEqual([])
    expect((await store.message(message.id))?.sender).toBe(ann.id)
    expect(await unread(ben)).toEqual({ lobby: 0, direct: 1 })
    expect(await readAll(ben, { room })).toMatchObject({ changed: 1 })
    expect(await world.readersOf(toAnn.id)).toEqual([])
    expect(await store.isNameUsed('ann')).toBe(true)
    expect(await refusal({ type: 'user.create', user: newUser('ann'), key: null, ticket: null, at: START })).toEqual({
      code: 'name_taken',
      name: 'ann',
    })
    const unknown = { code: 'user_unknown', name: ann.id }
    expect(await refusal({ type: 'user.delete', id: ann.id, at: START })).toEqual(unknown)
    expect(await refusal({ type: 'user.change', id: ann.id, patch: {}, at: START })).toEqual(unknown)
    expect(await refusal({ type: 'key.replace', user: ann.id, key: key('b'), at: START })).toEqual(unknown)
    await person('again', { email: 'a@example.org' })
  })

  rule(open, '[STORE-64] people are listed in order of registration, bots in order of creation', async world => {
    const { store, person } = world
    const ann = await person('zoe')
    expect(await store.hasAdmin()).toBe(false)
    const ben = await person('adam', { role: 'admin' })
    const bots = [await person('b2', { createdBy: ann.id }), await person('b1', { createdBy: ann.id })]
    expect(await store.everyone()).toEqual([ann, ben, ...bots])
    expect(await store.botsOf(ann.id)).toEqual(bots)
    expect(await store.botsOf(ben.id)).toEqual([])
    expect(await store.hasAdmin()).toBe(true)
    expect(await store.users([ben.id, newId<UserId>(), ann.id])).toEqual([ben, ann])
    await world.leave(ben)
    expect(await store.hasAdmin()).toBe(false)
    expect(await store.users([ben.id])).toMatchObject([{ id: ben.id, deletedAt: START }])
  })
}
