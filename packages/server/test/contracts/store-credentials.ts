import { expect } from 'vitest'
import type { SignInId, UserId } from '../../src/core/ids.ts'
import type { SignIn, Ticket } from '../../src/core/ports/writes.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { digestOf, newId, newUser, type OpenStore, START } from './store-world.ts'

const key = (text: string) => ({ digest: digestOf(text), sealed: `sealed ${text}` })
const link = (text: string): Ticket => ({ digest: digestOf(text), purpose: 'magic-link' })
const signInOf = (user: User, text: string): SignIn => ({
  id: newId<SignInId>(),
  user: user.id,
  digest: digestOf(text),
  createdAt: START,
  expiresAt: START + 100,
})

export function credentialRules(open: OpenStore): void {
  rule(open, '[STORE-65] a new key ends the old one and is told in the directory', async world => {
    const { store, write, refusal } = world
    const ann = newUser('ann')
    await write({ type: 'user.create', user: ann, key: key('old'), ticket: null, at: START })
    expect(await write({ type: 'key.replace', user: ann.id, key: key('new'), at: START + 1 })).toEqual({
      user: ann,
      seq: 2,
    })
    expect(await store.userByKey(digestOf('old'))).toBeUndefined()
    expect(await store.userByKey(digestOf('new'))).toEqual(ann)
    expect(await store.sealedKey(ann.id)).toBe('sealed new')
    expect(await store.log(store.directory, 1, 9)).toEqual([
      { seq: 2, at: START + 1, type: 'credentials.revoked', user: ann },
    ])
    const nobody = newId<UserId>()
    const unknown = { code: 'user_unknown', name: nobody }
    expect(await refusal({ type: 'key.replace', user: nobody, key: key('x'), at: START })).toEqual(unknown)
  })

  rule(
    open,
    '[STORE-66] a ticket works once, for its purpose, until it expires or a newer one takes its place',
    async world => {
      const { store, write, refusal, person } = world
      const issue = (ticket: Ticket, subject: string, expiresAt = START + 10) =>
        write({ type: 'ticket.issue', ticket, subject, expiresAt, at: START })
      await issue(link('a'), 'ann')
      expect(await store.ticket(link('a'), START + 9)).toBe('ann')
      expect(await store.ticket(link('a'), START + 10)).toBeUndefined()
      expect(await store.ticket({ ...link('a'), purpose: 'first-admin' }, START)).toBeUndefined()
      await issue(link('b'), 'ben')
      await issue({ digest: digestOf('c'), purpose: 'first-admin' }, 'ann')
      await issue(link('d'), 'ann')
      expect(await store.ticket(link('a'), START)).toBeUndefined()
      expect(await store.ticket(link('b'), START)).toBe('ben')
      expect(await store.ticket({ digest: digestOf('c'), purpose: 'first-admin' }, START)).toBe('ann')
      expect(
        await refusal({ type: 'ticket.issue', ticket: link('b'), subject: 'x', expiresAt: START + 10, at: START }),
      ).toEqual({
        code: 'id_conflict',
      })

      const ann = await person('ann')
      const start = (ticket: Ticket, at = START) =>
        ({ type: 'sign_in.start', signIn: signInOf(ann, `s${newId()}`), ticket, at }) as const
      const refused = { code: 'token_refused' }
      expect(await refusal(start(link('a')))).toEqual(refused)
      expect(await refusal(start(link('d'), START + 10))).toEqual(refused)
      expect(await refusal(start({ ...link('d'), purpose: 'first-admin' }))).toEqual(refused)
      expect(await store.ticket(link('d'), START)).toBe('ann')
      await write(start(link('d')))
      expect(await store.ticket(link('d'), START)).toBeUndefined()
      expect(await refusal(start(link('d')))).toEqual(refused)
    },
  )

  rule(open, '[STORE-67] a sign-in lasts until it expires or is ended, which the directory tells', async world => {
    const { store, write, refusal, person } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const signIn = signInOf(ann, 's')
    await write({ type: 'sign_in.start', signIn, ticket: null, at: START })
    expect(await store.signIn(digestOf('s'), START + 99)).toEqual({ id: signIn.id, user: ann })
    expect(await store.signInAlive(signIn.id, START + 99)).toBe(true)
    expect(await store.signIn(digestOf('s'), START + 100)).toBeUndefined()
    expect(await store.signInAlive(signIn.id, START + 100)).toBe(false)
    expect(await store.signIn(digestOf('t'), START)).toBeUndefined()
    await write({ type: 'key.replace', user: ann.id, key: key('k'), at: START })
    expect(await store.signInAlive(signIn.id, START)).toBe(true)
    expect(
      await refusal({ type: 'sign_in.start', signIn: { ...signIn, id: newId<SignInId>() }, ticket: null, at: START }),
    ).toEqual({
      code: 'id_conflict',
    })

    expect(await write({ type: 'sign_in.end', id: signIn.id, user: ben.id, at: START })).toEqual({ seq: 4 })
    expect(await store.signInAlive(signIn.id, START)).toBe(true)
    expect(await write({ type: 'sign_in.end', id: signIn.id, user: ann.id, at: START + 3 })).toEqual({ seq: 5 })
    expect(await store.signInAlive(signIn.id, START)).toBe(false)
    expect(await store.signIn(digestOf('s'), START)).toBeUndefined()
    const row = { seq: 5, at: START + 3, type: 'credentials.revoked', user: ann }
    expect(await store.log(store.directory, 4, 9)).toEqual([row])
    await write({ type: 'sign_in.end', id: signIn.id, user: ann.id, at: START })

    const nobody = newUser('nobody')
    const unknown = { code: 'user_unknown', name: nobody.id }
    expect(await refusal({ type: 'sign_in.start', signIn: signInOf(nobody, 'n'), ticket: null, at: START })).toEqual(
      unknown,
    )
    expect(await refusal({ type: 'sign_in.end', id: signIn.id, user: nobody.id, at: START })).toEqual(unknown)
  })
}
