import { createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import type { SMTPServerOptions } from 'smtp-server'
import { describe, expect, test } from 'vitest'
import type { Mail } from '../../src/core/ports/mailer.ts'
import { createSmtpMailer, type SmtpSettings } from '../../src/outbound/smtp.ts'
import { postOffice } from './post-office.ts'
import { certificate, listen } from './servers.ts'

const from = 'Parley <parley@example.org>'
const ca = certificate.cert.toString()
const mail: Mail = { to: 'ada@example.org', subject: 'Hello', text: 'Open https://example.org/?token=secret-token\n' }

const send = (settings: Omit<SmtpSettings, 'from'>, more: Partial<Mail> = {}) =>
  createSmtpMailer({ from, ...settings }).send({ ...mail, ...more })

/** What went wrong with a mail. Whatever it was, it tells no secret. */
async function failure(sending: Promise<void>) {
  const error = await sending.then(
    () => undefined,
    error => error,
  )
  expect(error).toMatchObject({ name: 'MailFailed' })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/pa\/ss|secret|ada@|example\.org|server says/)
  return { code: error.code, status: error.status }
}

/** Takes one user, and tells of every attempt to sign in. */
function doorman(): SMTPServerOptions & { readonly attempts: string[] } {
  const attempts: string[] = []
  return {
    attempts,
    authOptional: false,
    allowInsecureAuth: true,
    onAuth({ username = '', password = '' }, _, done) {
      attempts.push(`${username} ${password}`)
      if (username === 'me@example.org' && password === 'pa/ss: %@word') done(null, { user: username })
      else done(new Error('server says no to pa/ss'))
    },
  }
}

const credentials = `${encodeURIComponent('me@example.org')}:${encodeURIComponent('pa/ss: %@word')}`

describe('sending', () => {
  test('[OUT-40] a mail arrives as it was given, from the sender of the setting', async () => {
    const office = await postOffice()
    const text = 'Grüße,\n\nline one\n.\n..two dots\nFrom here\n=3D is not a secret\n👋\n'
    await send(office, { subject: 'Schöne Grüße', text })
    const [letter] = office.empty()
    expect(letter).toMatchObject({ from: 'parley@example.org', to: ['ada@example.org'], text, secure: false })
    expect(letter?.headers.get('from')).toBe('Parley <parley@example.org>')
    expect(letter?.headers.get('to')).toBe('ada@example.org')
    expect(letter?.headers.get('subject')).toMatch(/^=\?UTF-8\?/)
    expect(letter?.headers.get('auto-submitted')).toBe('auto-generated')
  })

  test('[OUT-40] a long link is not broken', async () => {
    const office = await postOffice()
    const text = `Open this:\n\nhttps://chat.example.org/auth/magic-link?token=${'a1'.repeat(32)}\n`
    await send(office, { text })
    expect(office.empty()[0]?.text).toBe(text)
  })

  test('[OUT-40] an address may be in any script', async () => {
    const office = await postOffice()
    await send(office, { to: 'jörg@example.org' })
    expect(office.empty()[0]?.to).toEqual(['jörg@example.org'])
  })
})

describe('TLS and passwords', () => {
  test('[OUT-41] STARTTLS is used where the server offers it', async () => {
    const office = await postOffice({ ...certificate, hideSTARTTLS: false })
    await send({ url: office.url, ca })
    expect(office.empty()).toMatchObject([{ secure: true }])
  })

  test('[OUT-41] smtps:// is TLS from the start', async () => {
    const office = await postOffice({ ...certificate, secure: true })
    await send({ url: `smtps://127.0.0.1:${office.port}`, ca })
    expect(office.empty()).toMatchObject([{ secure: true }])
  })

  test.each([
    ['smtp', { hideSTARTTLS: false }],
    ['smtps', { secure: true }],
  ])('[OUT-41] a certificate that nobody vouches for ends it: %s', async (scheme, options) => {
    const door = doorman()
    const office = await postOffice({ ...certificate, ...options, ...door })
    const { code } = await failure(send({ url: `${scheme}://${credentials}@127.0.0.1:${office.port}` }))
    expect(['ESOCKET', 'ETLS']).toContain(code)
    expect([office.empty(), door.attempts]).toEqual([[], []])
  })

  test('[OUT-42] user and password come from the URL, escaped there', async () => {
    const office = await postOffice({ ...certificate, ...doorman(), hideSTARTTLS: false, allowInsecureAuth: false })
    await send({ url: `smtp://${credentials}@127.0.0.1:${office.port}`, ca })
    expect(office.empty()).toMatchObject([{ user: 'me@example.org', secure: true }])
  })

  test('[OUT-42] a stray % in a password is taken as it stands', async () => {
    const door = doorman()
    const office = await postOffice(door)
    await failure(send({ url: `smtp://me:100%25%@127.0.0.1:${office.port}` }))
    expect(door.attempts).toEqual(['me 100%25%'])
  })

  test('[OUT-42] a wrong password fails, and nothing says which it was', async () => {
    const office = await postOffice(doorman())
    const url = `smtp://me:${encodeURIComponent('pa/ss-wrong')}@127.0.0.1:${office.port}`
    expect(await failure(send({ url }))).toEqual({ code: 'EAUTH', status: 535 })
    expect(office.empty()).toEqual([])
  })

  test('[OUT-43] a password goes in the clear to this machine only', async () => {
    const door = doorman()
    const office = await postOffice({ ...door, disabledCommands: ['STARTTLS'] })
    // An address of this machine that does not look like one stands for every other host.
    const { code } = await failure(send({ url: `smtp://${credentials}@[::ffff:127.0.0.1]:${office.port}` }))
    expect(code).toBe('ETLS')
    expect(door.attempts).toEqual([])
    await send({ url: `smtp://${credentials}@127.0.0.1:${office.port}` })
    expect(office.empty()).toMatchObject([{ user: 'me@example.org', secure: false }])
  })
})

describe('what is refused', () => {
  test.each([
    'ada@example.org\r\nBcc: eve@example.org',
    'ada@example.org\nBcc: eve@example.org',
    'ada@example.org, eve@example.org',
    'ada@example.org; eve@example.org',
    'ada@example.org eve@example.org',
    'Ada <ada@example.org>',
    '<ada@example.org>',
    '"ada"@example.org',
    'group: ada@example.org;',
    'ada(comment)@example.org',
    'ada@[127.0.0.1]',
    'ada@example.org>\r\nRCPT TO:<eve@example.org',
    'ada@exa\u0000mple.org',
    'ada\u202e@example.org',
    'ada@@example.org',
    '@example.org',
    'ada@',
    'ada',
    '',
    `${'a'.repeat(250)}@b.org`,
  ])('[OUT-44] %j is no plain address and gets no mail', async to => {
    const office = await postOffice()
    expect(await failure(send(office, { to }))).toEqual({ code: 'address_refused', status: undefined })
    expect(office.connections()).toBe(0)
  })

  test('[OUT-44] a subject stays one header', async () => {
    const office = await postOffice()
    await send(office, { subject: 'Hello\r\nBcc: eve@example.org\r\n\r\nOther text' })
    const [letter] = office.empty()
    expect(letter?.headers.get('bcc')).toBeUndefined()
    expect(letter).toMatchObject({ to: ['ada@example.org'], text: mail.text })
  })

  test.each(['', 'mail.example.org', 'http://secret@mail.example.org', 'smtp://', 'smtp:///x'])(
    '[OUT-45] %j is no address of a mail server, and is not repeated',
    url => {
      expect(() => createSmtpMailer({ url, from })).toThrow(RangeError)
      expect(() => createSmtpMailer({ url, from })).not.toThrow(/secret/)
    },
  )
})

describe('failures', () => {
  test('[OUT-46] a server that takes no such mail', async () => {
    const office = await postOffice({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('server says: no ada@'), { responseCode: 550 })),
    })
    expect(await failure(send(office))).toEqual({ code: 'EENVELOPE', status: 550 })
  })

  test('[OUT-46] a server that hangs up', async () => {
    const { port } = await listen(createServer(socket => void socket.destroy()))
    const { code } = await failure(send({ url: `smtp://127.0.0.1:${port}` }))
    expect(['ECONNECTION', 'ESOCKET']).toContain(code)
  })

  test('[OUT-46] a server that says nothing is given up', async () => {
    const { port } = await listen(createServer())
    expect(await failure(send({ url: `smtp://127.0.0.1:${port}`, timeout: 20 }))).toMatchObject({ code: 'ETIMEDOUT' })
  })

  test('[OUT-47] more than 32 mails at once are refused at once', async () => {
    const sockets: Socket[] = []
    const { port } = await listen(createServer(socket => void sockets.push(socket)))
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from, timeout: 50 })
    const waiting = Array.from({ length: 32 }, () => failure(mailer.send(mail)))
    expect(await failure(mailer.send(mail))).toEqual({ code: 'busy', status: undefined })
    await Promise.all(waiting)
    expect(await failure(mailer.send(mail))).not.toMatchObject({ code: 'busy' })
    expect(sockets).toHaveLength(33)
  })
})
