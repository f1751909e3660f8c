import { expect } from 'vitest'
import type { SignInId, UserId } from '../../src/core/ids.ts'
import type { SignIn, Ticket } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { digestOf, newId, newUser, type OpenStore, START, type World } from './store-world.ts'

const NOTHING = { fullName: null, emailVerifiedAt: null, lastSignInAt: null }

const signInOf = (user: User, text: string, byKey = false): SignIn => ({
  id: newId<SignInId>(),
  user: user.id,
  digest: digestOf(text),
  ...(byKey && { byKey }),
  createdAt: START,
  expiresAt: START + 100,
})

async function start({ write }: World, user: User, text: string, byKey?: boolean): Promise<SignInId> {
  const signIn = signInOf(user, text, byKey)
  await write({ type: 'sign_in.start', signIn, ticket: null, at: START + 7 })
  return signIn.id
}

async function ticketFor({ write }: World, user: User, purpose: Ticket['purpose'], text: string): Promise<Ticket> {
  const ticket = { digest: digestOf(text), purpose }
  await write({ type: 'ticket.issue', ticket, subject: user.id, expiresAt: START + 50, at: START })
  return ticket
}

const setPassword = (user: User, hash: string, over: { keep?: SignInId; ticket?: Ticket; at?: number } = {}) =>
  ({ type: 'password.set', user: user.id, hash, keep: null, ticket: null, at: START, ...over }) as const

const unknown = (id: UserId) => ({ code: 'user_unknown', name: id })

export function accountRules(open: OpenStore): void {
  rule(open, '[STORE-68] what a registration brought is kept apart from the user', async world => {
    const { store, write, person } = world
    const [ann, ben] = [newUser('ann'), await person('ben')]
    const registration = { password: 'hash', fullName: 'Ann Example' }
    await write({ type: 'user.create', user: ann, key: null, registration, ticket: null, at: START })
    expect(await store.user(ann.id)).toEqual(ann)
    expect(await store.passwordHash(ann.id)).toBe('hash')
    expect(await store.accountFacts(ann.id)).toEqual({ ...NOTHING, fullName: 'Ann Example' })
    expect([await store.passwordHash(ben.id), await store.accountFacts(ben.id)]).toEqual([undefined, NOTHING])
    await write({ type: 'user.delete', id: ann.id, at: START })
    expect([await store.passwordHash(ann.id), await store.accountFacts(ann.id)]).toEqual([undefined, NOTHING])
  })

  rule(open, '[STORE-69] a password ends the other sign-ins and the tickets for another, told once', async world => {
    const { store, write, refusal, person } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const [kept, ended, bens] = [
      await start(world, ann, 'a'),
      await start(world, ann, 'b'),
      await start(world, ben, 'c'),
    ]
    await write(setPassword(ann, 'one', { keep: kept, at: START + 3 }))
    expect(await store.passwordHash(ann.id)).toBe('one')
    const alive = () => Promise.all([kept, ended, bens].map(id => store.signInAlive(id, START)))
    expect(await alive()).toEqual([true, false, true])
    expect(await store.log(store.directory, 2, 9)).toEqual([
      { seq: 3, at: START + 3, type: 'credentials.revoked', user: ann },
    ])
    const ticket = await ticketFor(world, ann, 'password-reset', 't')
    expect(await write(setPassword(ann, 'two', { ticket }))).toEqual({ user: ann, seq: 4 })
    expect(await alive()).toEqual([false, false, true])
    expect(await refusal(setPassword(ann, 'three', { ticket }))).toEqual({ code: 'token_refused' })
    const unused = await ticketFor(world, ann, 'password-reset', 'u')
    await write(setPassword(ann, 'four'))
    expect(await refusal(setPassword(ann, 'five', { ticket: unused }))).toEqual({ code: 'token_refused' })
    expect(await store.passwordHash(ann.id)).toBe('four')
    const nobody = newUser('nobody')
    expect(await refusal(setPassword(nobody, 'x'))).toEqual(unknown(nobody.id))
    expect(await store.heads([store.directory])).toEqual([5])
  })

  rule(open, '[STORE-75] a sign-in goes on by its present digest, and ends by an older one', async world => {
    const { store, write, refusal, person } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const id = await start(world, ann, 'one')
    await start(world, ben, 'taken')
    const refresh = (digest: string, next: string, over: { user?: UserId; id?: SignInId; at?: number } = {}) =>
      ({
        ...({ type: 'sign_in.refresh' } as const),
        ...{ id, user: ann.id, digest: digestOf(digest), next: digestOf(next) },
        ...{ expiresAt: START + 200, at: START, ...over },
      }) as const
    expect(await refusal(refresh('one', 'taken'))).toEqual({ code: 'id_conflict' })
    expect(await write(refresh('one', 'two'))).toEqual({ state: 'refreshed' })
    expect(await store.signInAlive(id, START + 199)).toBe(true)
    expect((await store.signIn(digestOf('two'), START))?.id).toBe(id)
    const refused = { code: 'token_refused' }
    expect(await refusal(refresh('two', 'x', { user: ben.id }))).toEqual(refused)
    expect(await refusal(refresh('two', 'x', { id: newId<SignInId>() }))).toEqual(refused)
    expect(await refusal(refresh('two', 'x', { at: START + 200 }))).toEqual(refused)
    const nobody = newId<UserId>()
    expect(await refusal(refresh('two', 'x', { user: nobody }))).toEqual(unknown(nobody))
    expect(await store.heads([store.directory])).toEqual([2])
    expect(await write(refresh('one', 'three', { at: START + 5 }))).toEqual({ state: 'reused', seq: 3 })
    expect(await store.signInAlive(id, START)).toBe(false)
    expect(await store.log(store.directory, 2, 9)).toEqual([
      { seq: 3, at: START + 5, type: 'credentials.revoked', user: ann },
    ])
    expect(await refusal(refresh('two', 'x'))).toEqual(refused)
  })

  rule(open, '[STORE-76] a sign-in by password needs the password of now, and is remembered', async world => {
    const { store, write, refusal, person } = world
    const ann = await person('ann')
    await write(setPassword(ann, 'now'))
    const by = (hash: string) => ({ type: 'sign_in.start', signIn: signInOf(ann, hash), hash, ticket: null }) as const
    expect(await refusal({ ...by('before'), at: START })).toEqual({ code: 'credentials_wrong' })
    expect(await store.accountFacts(ann.id)).toEqual(NOTHING)
    await write({ ...by('now'), at: START + 9 })
    expect(await store.accountFacts(ann.id)).toEqual({ ...NOTHING, lastSignInAt: START + 9 })
  })

  rule(open, '[STORE-77] a sign-in by key ends with the key, and counts as no sign-in', async world => {
    const { store, write, person } = world
    const ann = await person('ann')
    const [byKey, other] = [await start(world, ann, 'a', true), await start(world, ann, 'b')]
    const key = { digest: digestOf('k'), sealed: 'sealed' }
    await write({ type: 'key.replace', user: ann.id, key, at: START })
    expect([await store.signInAlive(byKey, START), await store.signInAlive(other, START)]).toEqual([false, true])
    const ben = await person('ben')
    await start(world, ben, 'c', true)
    expect(await store.accountFacts(ben.id)).toEqual(NOTHING)
  })

  rule(open, '[STORE-78] an address is verified once by its ticket, and another one is not', async world => {
    const { store, write, refusal, person } = world
    const ann = await person('ann', { email: 'ann@example.org' })
    const verify = (ticket: Ticket, at = START + 2) => ({ type: 'email.verify', user: ann.id, ticket, at }) as const
    const ticket = await ticketFor(world, ann, 'verify-email', 't')
    expect(await refusal(verify(ticket, START + 50))).toEqual({ code: 'token_refused' })
    await write(verify(ticket))
    const verified = { ...NOTHING, emailVerifiedAt: START + 2 }
    expect(await store.accountFacts(ann.id)).toEqual(verified)
    expect(await refusal(verify(ticket))).toEqual({ code: 'token_refused' })

    const [late, reset] = [
      await ticketFor(world, ann, 'verify-email', 'u'),
      await ticketFor(world, ann, 'password-reset', 'v'),
    ]
    await write({ type: 'user.change', id: ann.id, patch: { emoji: '🐝', email: ann.email }, at: START })
    expect(await store.accountFacts(ann.id)).toEqual(verified)
    expect(await store.ticket(late, START)).toBe(ann.id)
    await write({ type: 'user.change', id: ann.id, patch: { email: 'other@example.org' }, at: START })
    expect(await store.accountFacts(ann.id)).toEqual(NOTHING)
    expect(await refusal(verify(late))).toEqual({ code: 'token_refused' })
    expect(await refusal(setPassword(ann, 'x', { ticket: reset }))).toEqual({ code: 'token_refused' })
    await write({ type: 'user.delete', id: ann.id, at: START })
    expect(await refusal(verify(ticket))).toEqual(unknown(ann.id))
  })
}
