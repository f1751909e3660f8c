import nodemailer from 'nodemailer'
import type { Mail, Mailer } from '../core/ports/mailer.ts'

export interface SmtpSettings {
  /** `smtp://` (STARTTLS where the server offers it) or `smtps://` (TLS from the start), with user and password for servers that want them. The port is 587 or 465 unless it is given. */
  readonly url: string
  /** The sender: an address, alone or as `Name <address>`. */
  readonly from: string
  /** Certificates to trust instead of the usual ones, in PEM form. */
  readonly ca?: string
  /** How long to wait for the connection, and for every answer, in milliseconds. */
  readonly timeout?: number
}

/** Why a mail was not taken over. Says nothing of its contents, its receiver or the credentials. */
class MailFailed extends Error {
  /** Stable: `address_refused` (no plain address), `busy` (too many at once), else the code of the library, such as EAUTH or ECONNECTION. */
  readonly code: string
  /** What the mail server answered, such as 550; undefined where it did not. */
  readonly status: number | undefined

  constructor(code: string, status?: number) {
    super(`The mail was not sent: ${code}${status === undefined ? '' : ` (the mail server answered ${status})`}`)
    this.name = 'MailFailed'
    this.code = code
    this.status = status
  }
}

const TIMEOUT = 10_000
/** Mails under way at once. More are refused: people sign in one by one, so more is a fault or an attack. */
const AT_ONCE_MAX = 32

/**
 * Sends each mail over a connection of its own.
 *
 * A password never travels in the clear, except to this machine: without TLS the mail fails. Certificates are checked.
 * Throws RangeError when `url` is no address of a mail server; the error does not repeat it.
 */
export function createSmtpMailer(settings: SmtpSettings): Mailer {
  const transport = nodemailer.createTransport(transportOptions(settings))
  let underWay = 0
  return {
    async send(mail) {
      if (underWay >= AT_ONCE_MAX) throw new MailFailed('busy')
      underWay++
      try {
        await transport.sendMail(envelope(settings.from, mail))
      } catch (error) {
        throw mailFailed(error)
      } finally {
        underWay--
      }
    },
  }
}

function transportOptions({ url, ca, timeout = TIMEOUT }: SmtpSettings) {
  const { protocol, hostname, port, username, password } = URL.parse(url) ?? {}
  if (!hostname || (protocol !== 'smtp:' && protocol !== 'smtps:')) throw new RangeError('No address of a mail server')
  const host = hostname.replace(/^\[|\]$/g, '')
  const auth = username ? { user: decoded(username), pass: decoded(password ?? '') } : undefined
  return {
    host,
    secure: protocol === 'smtps:',
    requireTLS: auth !== undefined && !isThisMachine(host),
    dnsTimeout: timeout,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    ...(port && { port: Number(port) }),
    ...(auth && { auth }),
    ...(ca && { tls: { ca } }),
  }
}

/** Without the escapes of URLs; a text with a stray `%` was never escaped. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

// One plain address: nothing that a parser could take for a second one, a name, a comment, a route or another header.
const PLAIN_ADDRESS = /^[^\s\p{C}"(),:;<>@[\\\]]+@[^\s\p{C}"(),:;<>@[\\\]]+$/u

function envelope(from: string, { to, subject, text }: Mail) {
  if (to.length > 255 || !PLAIN_ADDRESS.test(to)) throw new MailFailed('address_refused')
  return {
    from,
    to,
    subject,
    text,
    // Asks holiday notices and the like not to answer.
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

function mailFailed(error: unknown): MailFailed {
  if (error instanceof MailFailed) return error
  // What the library hangs on its errors; their texts may quote addresses and what the server said.
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return new MailFailed(
    typeof code === 'string' ? code : 'unknown',
    typeof responseCode === 'number' ? responseCode : undefined,
  )
}
