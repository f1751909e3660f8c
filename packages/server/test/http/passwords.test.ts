import { afterAll, expect, test, vi } from 'vitest'
import { StoreFailed } from '../../src/core/ports/store.ts'
import { createSmtpMailer } from '../../src/outbound/smtp.ts'
import { postOffice } from '../outbound/post-office.ts'
import { unseen } from './contract.ts'
import { bearer, PASSWORD, peopleOf, socketsOn, told } from './people.ts'
import { openSite, type Site, type SiteOptions } from './site.ts'

const MINUTE = 60_000
const NEW = 'another long secret'

/** A site that mails through a real mail server. */
async function withMail(options: SiteOptions = {}) {
  const office = await postOffice()
  const site = await openSite({ ...options, mailer: createSmtpMailer({ url: office.url, from: 'parley@example.org' }) })
  /** The token in the one mail that came, and where it went. */
  const mailed = () =>
    vi.waitFor(() => {
      const letters = office.empty()
      expect(letters).toHaveLength(1)
      const [, path = '', token = ''] =
        /http:\/\/localhost:8000(\S+)\?token=([0-9a-f]{64})$/m.exec(letters[0]!.text) ?? []
      return { to: letters[0]!.to, path, token }
    })
  return { site, office, mailed, ...peopleOf(site) }
}

const forgot = (site: Site, email: string) => site.ask('POST', '/api/v1/auth/password/forgot', { body: { email } })
const reset = (site: Site, token: string, new_password = NEW) =>
  site.ask('POST', '/api/v1/auth/password/reset', { body: { token, new_password } })

test('[ACC-30] who came with an API key sets a first password, and signs in with it', async () => {
  await using site = await openSite()
  const { login } = peopleOf(site)
  const { key } = await site.person('ben')
  const first = await site.ask('PUT', '/api/v1/auth/password', { key, body: { new_password: PASSWORD } })
  expect([first.status, first.body]).toEqual([200, { message: 'Password set' }])
  const { body } = await login('ben')
  const me = await site.ask('GET', '/users/me', { headers: bearer(body.access_token) })
  expect(me.body).toMatchObject({ username: 'ben', api_key: key })
})

test('[ACC-30] another password needs the one of now, and guessing it is limited', async () => {
  await using site = await openSite({ settings: { signInRate: { count: 3, seconds: 60 } } })
  const { join, setPassword, login } = peopleOf(site)
  const { access_token } = await join('ann')
  const wrong = [403, 'The current password is wrong']
  expect(told(await setPassword(access_token, { new_password: NEW }))).toEqual(wrong)
  expect(told(await setPassword(access_token, { current_password: 'no', new_password: NEW }))).toEqual(wrong)
  expect((await setPassword(access_token, { current_password: PASSWORD, new_password: NEW })).status).toBe(200)
  expect([(await login('ann')).status, (await login('ann', NEW)).status]).toEqual([401, 200])
  await setPassword(access_token, { current_password: 'no', new_password: NEW })
  const limited = await setPassword(access_token, { current_password: NEW, new_password: NEW })
  expect(told(limited)).toEqual([429, 'Rate limit exceeded'])
  expect((await setPassword(access_token, { new_password: 'short' })).status).toBe(422)
  expect(told(await setPassword('junk', { new_password: NEW }))).toEqual([401, 'Token malformed'])
})

test('[ACC-30] a bot has no password: its key is its owner’s to give', async () => {
  await using site = await openSite()
  const { key } = await site.person('robo', 'bot')
  const answer = await site.ask('PUT', '/api/v1/auth/password', { key, body: { new_password: NEW } })
  expect(told(answer)).toEqual([403, 'The role bot does not allow this'])
  const { register, login } = peopleOf(site)
  await register('ann')
  await site.core.execute({ kind: 'operator' }, { type: 'admin.change', ref: 'ann', patch: { role: 'bot' } })
  expect(told(await login('ann'))).toEqual([401, 'Invalid username or password'])
})

test('[ACC-31] another password ends the other sign-ins and closes their sockets at once', async () => {
  await using site = await openSite()
  const { join, login, setPassword, profile, refresh } = peopleOf(site)
  const connect = socketsOn(site)
  const [here, there] = [await join('ann'), (await login('ann')).body]
  const [mine, other] = [await connect(here.access_token), await connect(there.access_token)]
  await setPassword(here.access_token, { current_password: PASSWORD, new_password: NEW })
  expect(await other.closed).toMatchObject({ code: 1008 })
  expect(told(await profile(there.access_token))).toEqual([401, 'Token expired'])
  expect((await refresh(there.refresh_token)).status).toBe(401)
  mine.send({ content: 'still here' })
  expect(await mine.next()).toMatchObject({ type: 'message_sent' })
  expect((await refresh(here.refresh_token)).status).toBe(200)
})

test('[ACC-32] a mailed link sets a new password, once, and ends all sign-ins', async () => {
  const { site, join, login, profile, mailed } = await withMail()
  await using _ = site
  const { access_token } = await join('ann')
  const asked = await forgot(site, 'Ann@example.org')
  expect([asked.status, asked.body.message]).toEqual([
    200,
    'If an account has this address, a link is on its way to it',
  ])
  const { to, path, token } = await mailed()
  expect([to, path]).toEqual([['ann@example.org'], '/auth/reset-password'])
  expect((await reset(site, token)).body).toEqual({ message: 'Password set' })
  expect(told(await reset(site, token))).toEqual([401, 'Invalid or expired token'])
  expect((await profile(access_token)).status).toBe(401)
  expect([(await login('ann')).status, (await login('ann', NEW)).status]).toEqual([401, 200])
})

test('[ACC-32] a link dies after 15 minutes, by a newer one, and with the address', async () => {
  const { site, register, mailed } = await withMail()
  await using _ = site
  await register('ann')
  const ask = async () => {
    await forgot(site, 'ann@example.org')
    return (await mailed()).token
  }
  const refused = [401, 'Invalid or expired token']
  const late = await ask()
  site.clock.advance(15 * MINUTE)
  expect(told(await reset(site, late))).toEqual(refused)
  const older = await ask()
  const newer = await ask()
  expect(told(await reset(site, older))).toEqual(refused)
  const patch = { email: 'elsewhere@example.org' }
  await site.core.execute({ kind: 'operator' }, { type: 'admin.change', ref: 'ann', patch })
  expect(told(await reset(site, newer))).toEqual(refused)
})

test('[ACC-32] whether an address is known, no answer tells; asking and guessing are limited', async () => {
  const { site, register, office, mailed } = await withMail({ settings: { signInRate: { count: 3, seconds: 60 } } })
  await using _ = site
  await register('ann')
  const [unknown, known] = [await forgot(site, 'eve@example.org'), await forgot(site, 'ann@example.org')]
  expect(unknown.body).toEqual(known.body)
  expect((await mailed()).to).toEqual(['ann@example.org'])
  expect(office.connections()).toBe(1)
  expect((await reset(site, 'guessed')).status).toBe(401)
  expect((await reset(site, 'guessed')).status).toBe(429)
  expect((await forgot(site, 'ann@example.org')).status).toBe(429)
})

test('[ACC-32] a mail that fails is not told either', async () => {
  const failing = { send: () => Promise.reject(new Error('no such box')) }
  await using site = await openSite({ mailer: failing })
  await peopleOf(site).register('ann')
  expect((await forgot(site, 'ann@example.org')).status).toBe(200)
})

test('[ACC-33] a mailed link confirms an address, once', async () => {
  const { site, join, post, profile, mailed } = await withMail()
  await using _ = site
  const { access_token } = await join('ann')
  expect((await post('/auth/email/verify/send', undefined, access_token)).body).toEqual({
    message: 'A link is on its way to your address',
  })
  const { to, path, token } = await mailed()
  expect([to, path]).toEqual([['ann@example.org'], '/auth/verify-email'])
  expect((await profile(access_token)).body.is_verified).toBe(false)
  expect((await post('/auth/email/verify', { token })).body).toEqual({ message: 'Email address confirmed' })
  expect((await profile(access_token)).body.is_verified).toBe(true)
  expect(told(await post('/auth/email/verify', { token }))).toEqual([401, 'Invalid or expired token'])
})

test('[ACC-33] a token is for one purpose', async () => {
  const { site, join, post, mailed } = await withMail()
  await using _ = site
  const { access_token } = await join('ann')
  await post('/auth/email/verify/send', undefined, access_token)
  const { token } = await mailed()
  expect((await reset(site, token)).status).toBe(401)
  expect((await post('/auth/email/verify', { token })).status).toBe(200)
})

test('[ACC-34] without mail, without an address, and with mail that fails', async () => {
  await using site = await openSite({ mailer: null })
  const { join, post } = peopleOf(site)
  const { access_token } = await join('ann')
  const off = [503, 'This server sends no email']
  expect(told(await forgot(site, 'ann@example.org'))).toEqual(off)
  expect(told(await post('/auth/email/verify/send', undefined, access_token))).toEqual(off)
  const { key } = await site.person('ben')
  const none = await site.ask('POST', '/api/v1/auth/email/verify/send', { key })
  expect(told(none)).toEqual([400, 'This account has no email address'])
  await using failing = await openSite({ mailer: { send: () => Promise.reject(new Error('no such box')) } })
  const people = peopleOf(failing)
  const pair = await people.join('ann')
  const failed = await people.post('/auth/email/verify/send', undefined, pair.access_token)
  expect(told(failed)).toEqual([500, 'The email could not be sent'])
  expect(failed.body.error.type).toBe('server_error')
})

test('[ACC-35] the pages behind the links spend nothing until their buttons are pressed', async () => {
  const { site, register, login, mailed } = await withMail()
  await using _ = site
  await register('ann')
  await forgot(site, 'ann@example.org')
  const { path, token } = await mailed()
  for (let i = 0; i < 2; i++) expect((await site.ask('GET', `${path}?token=${token}`)).text).toContain(token)
  const send = (new_password: string) =>
    site.ask('POST', path, {
      raw: new URLSearchParams({ token, new_password }).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
  const short = await send('short')
  expect([short.status, short.text.includes('at least 8 characters')]).toEqual([422, true])
  const set = await send(NEW)
  expect([set.status, set.text.includes('Your password is set'), set.text.includes(NEW)]).toEqual([200, true, false])
  expect((await send(NEW)).status).toBe(401)
  expect((await login('ann', NEW)).status).toBe(200)
})

test('[ACC-35] an address is confirmed on a page too', async () => {
  const { site, join, post, profile, mailed } = await withMail()
  await using _ = site
  const { access_token } = await join('ann')
  await post('/auth/email/verify/send', undefined, access_token)
  const { path, token } = await mailed()
  expect((await site.ask('GET', path)).text).toContain('name="token"')
  const answer = await site.ask('POST', path, {
    raw: `token=${token}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  expect([answer.status, answer.text.includes('Your address is confirmed')]).toEqual([200, true])
  expect((await profile(access_token)).body.is_verified).toBe(true)
})

afterAll(() => {
  const elsewhere = /413$|422$|(password|reset) 503$|verify\/send 4(01|29)$|verify 429$/
  expect(unseen('Passwords and addresses').filter(line => !elsewhere.test(line))).toEqual([])
})

test('[ACC-36] whoever registered with a stranger’s address is out once its owner comes', async () => {
  const { site: opened, mailed, join, login, profile } = await withMail()
  await using site = opened
  const thief = await join('ann')
  const { body: me } = await site.ask('GET', '/users/me', { headers: bearer(thief.access_token) })
  await site.ask('POST', '/auth/magic-link/send', { body: { email: 'ann@example.org' } })
  const { token } = await mailed()
  const owner = await site.ask('POST', '/auth/magic-link/authenticate', { body: { token } })
  expect([owner.status, owner.body.username]).toEqual([200, 'ann'])
  expect((await login('ann')).status).toBe(401)
  expect((await profile(thief.access_token)).status).toBe(401)
  expect((await site.ask('GET', '/users/me', { key: me.api_key })).status).toBe(401)
  expect((await site.ask('GET', '/users/me', { key: owner.body.api_key })).status).toBe(200)

  const key = owner.body.api_key
  await site.ask('PUT', '/api/v1/auth/password', { key, body: { new_password: NEW } })
  await site.ask('POST', '/auth/magic-link/send', { body: { email: 'ann@example.org' } })
  await site.ask('POST', '/auth/magic-link/authenticate', { body: { token: (await mailed()).token } })
  expect((await login('ann', NEW)).status).toBe(200)
  expect((await site.ask('GET', '/users/me', { key })).status).toBe(200)
})

test('[ACC-36] a reset by the owner of an unconfirmed address ends the key of who registered with it', async () => {
  const { site: opened, mailed, join } = await withMail()
  await using site = opened
  const thief = await join('ann')
  const { body: me } = await site.ask('GET', '/users/me', { headers: bearer(thief.access_token) })
  await forgot(site, 'ann@example.org')
  expect((await reset(site, (await mailed()).token)).status).toBe(200)
  expect((await site.ask('GET', '/users/me', { key: me.api_key })).status).toBe(401)
})

test('[ACC-36] a take-over that the disk cut off is done by the next link', async () => {
  const { site: opened, mailed, join } = await withMail()
  await using site = opened
  const thief = await join('ann')
  const { body: me } = await site.ask('GET', '/users/me', { headers: bearer(thief.access_token) })
  const authenticate = async (status: number) => {
    await site.ask('POST', '/auth/magic-link/send', { body: { email: 'ann@example.org' } })
    const { token } = await mailed()
    expect((await site.ask('POST', '/auth/magic-link/authenticate', { body: { token } })).status).toBe(status)
  }
  const { store } = site.core.context
  const { commit } = store
  for (const part of ['key.replace', 'password.set', 'email.verify']) {
    Object.assign(store, {
      commit: (writes: Parameters<typeof commit>[0]) =>
        writes.some(({ type }) => type === part) ? Promise.reject(new StoreFailed('io_error')) : commit(writes),
    })
    await authenticate(500)
  }
  Object.assign(store, { commit })
  await authenticate(200)
  expect((await site.ask('GET', '/users/me', { key: me.api_key })).status).toBe(401)
  expect((await site.ask('GET', '/users/me', { headers: bearer(thief.access_token) })).status).toBe(401)
  expect((await peopleOf(site).login('ann')).status).toBe(401)
})
