import { inspect } from 'node:util'
import type { SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { guide } from '../../src/agents/guide.ts'
import { createMemoryBroker } from '../../src/brokers/memory/broker.ts'
import type { CoreSettings } from '../../src/core/context.ts'
import { createCore } from '../../src/core/core.ts'
import { Refused } from '../../src/core/refusals.ts'
import type { Actor } from '../../src/core/user.ts'
import { createSmtpMailer } from '../../src/outbound/smtp.ts'
import { openMemorySearch } from '../../src/stores/memory/search.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { actorOf, noFiles, testIds, testKeyring, testPasswords, testSettings, testTokens } from '../world.ts'
import { postOffice } from './post-office.ts'
import { ownTime } from './time.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const operator: Actor = { kind: 'operator' }
const stranger: Actor = { kind: 'anonymous', address: '192.0.2.1', local: false }

interface Options extends Partial<CoreSettings> {
  /** Whether there is a mail server. */
  readonly mail?: boolean
  readonly smtp?: SMTPServerOptions
}

/** A core that mails through a real mail server. */
async function server({ mail = true, smtp, ...settings }: Options = {}) {
  const time = ownTime()
  const office = await postOffice(smtp)
  const faults: unknown[] = []
  const store = openMemoryStore()
  onTestFinished(() => store.close())
  const core = createCore({
    store,
    search: openMemorySearch(store),
    broker: createMemoryBroker(fault => faults.push(fault)),
    clock: time.clock,
    ids: testIds,
    keyring: testKeyring,
    passwords: testPasswords,
    tokens: testTokens,
    mailer: mail ? createSmtpMailer({ url: office.url, from: 'parley@example.org' }) : null,
    outbound: { mayCall: () => true },
    files: noFiles,
    scanner: null,
    agents: guide,
    settings: { ...testSettings, publicUrl: 'https://chat.example.org', ...settings },
    onFault: fault => faults.push(fault),
  })
  await core.start()
  const ask = (email: string, name: string | null = null) => core.execute(stranger, { type: 'link.send', email, name })
  const use = (token: string) => core.execute(stranger, { type: 'link.use', token })
  /** The token of the one mail that came, to the address it should have gone to. */
  const token = (to: string) => {
    const letters = office.empty()
    expect(letters.map(letter => letter.to)).toEqual([[to]])
    return /^https:\/\/\S+[?&]token=([0-9a-f]{64})$/m.exec(letters[0]?.text ?? '')?.[1] ?? 'no token'
  }
  return { core, office, time, faults, ask, use, token }
}

const refused = async (doing: Promise<unknown>) => {
  const error = await doing.then(
    () => undefined,
    error => error,
  )
  return error instanceof Refused ? error.refusal.code : error
}

test('[OUT-50] a mailed link makes an account on first use and signs in to it', async () => {
  const { core, office, ask, use, token } = await server()
  expect(await ask('ada@example.org', 'Ada')).toEqual({})
  const [letter] = office.empty()
  expect(letter?.headers.get('subject')).toBe('Sign in to Parley')
  const link = /https:\S+/.exec(letter?.text ?? '')?.[0] ?? ''
  expect(link).toMatch(/^https:\/\/chat\.example\.org\/auth\/magic-link\?token=[0-9a-f]{64}$/)
  const { user, key, session } = await use(link.slice(-64))
  expect(user).toMatchObject({ name: 'Ada', role: 'member', email: 'ada@example.org' })
  const identify = (by: 'key' | 'sign-in', secret: string) =>
    core.execute(stranger, { type: 'account.identify', by, secret, address: '192.0.2.1' })
  expect(await identify('sign-in', session)).toMatchObject({ kind: 'user', user: { id: user.id } })
  expect(await identify('key', key)).toMatchObject({ kind: 'user', user: { id: user.id } })
  await ask('ada@example.org', 'Somebody else')
  const again = await use(token('ada@example.org'))
  expect(again).toMatchObject({ user: { id: user.id, name: 'Ada' }, key })
  expect(again.session).not.toBe(session)
})

test('[OUT-50] without a wish the name comes from the address, and is made free', async () => {
  const { core, ask, use, token } = await server()
  await core.execute(operator, { type: 'account.register', name: 'ada' })
  await ask('ada@example.org')
  expect((await use(token('ada@example.org'))).user.name).toBe('ada-2')
})

test('[OUT-51] a link works once', async () => {
  const { ask, use, token } = await server()
  await ask('ada@example.org')
  const first = token('ada@example.org')
  await use(first)
  expect(await refused(use(first))).toBe('token_refused')
  await ask('ada@example.org')
  const second = token('ada@example.org')
  const both = await Promise.all([refused(use(second)), refused(use(second))])
  expect(both.sort()).toEqual(['token_refused', undefined])
})

test('[OUT-51] of two uses at once that would make the account one succeeds', async () => {
  const { ask, use, token } = await server()
  await ask('ada@example.org')
  const link = token('ada@example.org')
  const both = await Promise.all([refused(use(link)), refused(use(link))])
  expect(both).toContain(undefined)
  expect(['token_refused', 'email_taken', 'name_taken']).toContain(both.find(code => code !== undefined))
})

test('[OUT-51] a link works for 15 minutes, and an unknown one never', async () => {
  const { time, ask, use, token } = await server()
  await ask('ada@example.org')
  const late = token('ada@example.org')
  time.pass(15 * MINUTE)
  expect(await refused(use(late))).toBe('token_refused')
  await ask('ada@example.org')
  const early = token('ada@example.org')
  time.pass(15 * MINUTE - 1)
  expect((await use(early)).user.email).toBe('ada@example.org')
  expect(await refused(use('0'.repeat(64)))).toBe('token_refused')
  expect(await refused(use(''))).toBe('token_refused')
})

test('[OUT-52] an invitation makes an account with its role, for seven days', async () => {
  const { core, office, time, use } = await server({ registration: 'off' })
  const root = await core.execute(operator, { type: 'account.register', name: 'root', role: 'admin' })
  const member = await core.execute(operator, { type: 'account.register', name: 'mel' })
  const invitation = {
    type: 'link.invite',
    email: 'vera@example.org',
    role: 'viewer',
    signUpUrl: 'https://app.example.org/join?from=mail#top',
  } as const
  expect(await refused(core.execute(actorOf(member), invitation))).toBe('admin_only')
  const invited = async () => {
    await core.execute(actorOf(root), invitation)
    const [letter] = office.empty()
    expect(letter?.to).toEqual(['vera@example.org'])
    const url = new URL(/https:\S+/.exec(letter?.text ?? '')?.[0] ?? '')
    expect([url.origin, url.pathname, url.searchParams.get('from')]).toEqual([
      'https://app.example.org',
      '/join',
      'mail',
    ])
    return url.searchParams.get('token') ?? ''
  }
  const late = await invited()
  time.pass(7 * DAY)
  expect(await refused(use(late))).toBe('token_refused')
  const early = await invited()
  time.pass(7 * DAY - 1)
  expect((await use(early)).user).toMatchObject({ role: 'viewer', email: 'vera@example.org', name: 'vera' })
})

test('[OUT-53] where registration is closed an unknown address gets no mail and the same answer', async () => {
  const { core, office, ask, token, use } = await server({ registration: 'off' })
  const { user } = await core.execute(operator, { type: 'account.register', name: 'ada', email: 'ada@example.org' })
  expect(await ask('eve@example.org')).toEqual(await ask('ada@example.org'))
  const mailed = await vi.waitFor(() => token('ada@example.org'))
  expect((await use(mailed)).user.id).toBe(user.id)
  expect(office.connections()).toBe(1)
})

test('[OUT-53] where registration is closed the answer does not tell that a mail failed', async () => {
  const { core, ask, faults } = await server({
    registration: 'off',
    smtp: { onRcptTo: (_, __, done) => done(Object.assign(new Error('no'), { responseCode: 550 })) },
  })
  await core.execute(operator, { type: 'account.register', name: 'ada', email: 'ada@example.org' })
  expect(await ask('ada@example.org')).toEqual({})
  await vi.waitFor(() => expect(faults).toMatchObject([{ name: 'MailFailed' }]))
})

test('[OUT-50] an address is one person however it is written', async () => {
  const { ask, use, token } = await server()
  await ask('Ada@example.org', 'Ada')
  const first = await use(token('Ada@example.org'))
  await ask('ADA@example.org')
  // Mailed to the address as it was given first: the other one may be somebody else's.
  expect((await use(token('ada@example.org'))).user.id).toBe(first.user.id)
})

test('[OUT-54] without a mail server links are off', async () => {
  const { core, ask, use } = await server({ mail: false })
  expect(await refused(ask('ada@example.org'))).toBe('mail_off')
  expect(await refused(use('0'.repeat(64)))).toBe('mail_off')
  const invitation = {
    type: 'link.invite',
    email: 'a@b.org',
    role: 'member',
    signUpUrl: 'https://example.org',
  } as const
  expect(await refused(core.execute(operator, invitation))).toBe('mail_off')
})

test('[OUT-54] a mail server that fails is told as such, and its fault reported without secrets', async () => {
  const { ask, faults } = await server({
    smtp: {
      onRcptTo: (_, __, done) => done(Object.assign(new Error('no ada@example.org here'), { responseCode: 550 })),
    },
  })
  expect(await refused(ask('ada@example.org'))).toBe('mail_failed')
  expect(faults).toMatchObject([{ name: 'MailFailed', code: 'EENVELOPE', status: 550 }])
  expect(inspect(faults, { depth: 9, showHidden: true })).not.toMatch(/ada@|token=/)
})
