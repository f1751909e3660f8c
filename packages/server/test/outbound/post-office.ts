import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface Letter {
  /** The envelope: who the servers were told. */
  readonly from: string
  readonly to: readonly string[]
  /** By lowercase name, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
  /** How it came. */
  readonly secure: boolean
  readonly user: string | undefined
}

/** A mail server that keeps what it gets until it is taken. Without STARTTLS and passwords unless `options` say so. */
export async function postOffice(options: SMTPServerOptions = {}) {
  const letters: Letter[] = []
  let connections = 0
  const smtp = new SMTPServer({
    logger: false,
    authOptional: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onConnect(_, done) {
      connections++
      done()
    },
    onData(stream, session, done) {
      text(stream).then(raw => {
        const { mailFrom, rcptTo } = session.envelope
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          ...opened(raw),
          secure: session.secure,
          user: session.user as string | undefined, // as `onAuth` of the test gave it
        })
        done()
      }, done)
    },
    ...options,
  })
  smtp.on('error', () => {}) // clients that hang up are part of the tests
  const server = smtp.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => new Promise(resolve => smtp.close(() => resolve())))
  const { port } = server.address() as { port: number } // a server on a port has one
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    /** Takes all mails that came. */
    empty: () => letters.splice(0),
    connections: () => connections,
  }
}

function opened(raw: string): Pick<Letter, 'headers' | 'text'> {
  const cut = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, cut)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = new Map(
    lines.map(line => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: */, '')]),
  )
  return { headers, text: decoded(raw.slice(cut + 4), headers.get('content-transfer-encoding') ?? '7bit') }
}

function decoded(body: string, encoding: string): string {
  switch (encoding) {
    case 'base64':
      return lineBreaks(Buffer.from(body, 'base64'))
    case 'quoted-printable': {
      const bytes = body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`)))
      return lineBreaks(Buffer.from(bytes, 'latin1'))
    }
    default:
      return lineBreaks(Buffer.from(body))
  }
}

const lineBreaks = (bytes: Buffer): string => bytes.toString().replaceAll('\r\n', '\n')
