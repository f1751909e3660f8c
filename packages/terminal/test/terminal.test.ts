import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChatClient } from '@parley/client/chat'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Server, startServer } from '../../../examples/support/server.ts'
import { needs } from '../../server/test/needs.ts'
import { folder } from '../../server/test/system/folder.ts'
import { openTerminal } from './fixture/program.ts'

let server: Server
const keys: Record<string, string> = {}
beforeAll(async () => {
  server = await startServer()
  for (const name of ['ann', 'bob', 'eve']) keys[name] = await server.register(name)
}, 30_000)
afterAll(() => server[Symbol.asyncDispose]())

const open = (name: string, room: string, cwd = folder()) =>
  openTerminal(['--room', room], { env: { PARLEY_URL: server.url, PARLEY_API_KEY: keys[name] ?? '' }, cwd })
const client = (name: string) => ChatClient.open({ url: server.url, apiKey: keys[name] ?? '' })
const rows = (shown: string) => shown.replaceAll(/^\d\d:\d\d/gm, '00:00').split('\n')

needs('script')('[TERM-23] messages come while one is being typed, and it stays whole', async () => {
  await using bob = await client('bob')
  const room = await bob.join('kitchen', { type: 'shared' })
  await room.send('soup is ready')
  const ann = open('ann', 'kitchen')
  await ann.see('kitchen>')
  ann.write('I am com')
  await ann.see('kitchen> I am com')
  await room.send('@ann 漢字 👩‍👩‍👧 are you coming?')
  await room.send('\x1b[2J\x1b]0;evil\x07')
  await ann.see('evil')
  expect(rows(ann.shown()).slice(0, -1)).toEqual([
    ...[
      '── kitchen ──',
      '00:00 bob: soup is ready',
      '00:00*bob: @ann 漢字 👩‍👩‍👧 are you coming?',
      '00:00 bob: ␛[2J␛]0;evil␇',
    ],
  ])
  ann.write('ing\\\rnow\r')
  await ann.see(/ann: I am coming\n {6}now\n[\s\S]*kitchen>$/)
  ann.write('\x04')
  expect(await ann.ended).toBe(0)
  expect(ann.output().endsWith('\x1b[?2004l')).toBe(true)
})

needs('script')('[TERM-23] an answer streams into the scrollback, once', async () => {
  const ann = open('ann', 'stream')
  await ann.see('stream>')
  ann.write('/ask What can you do?\r')
  await ann.see('connects a language model.')
  const text = ann.shown()
  expect(text.split('fixed rules')).toHaveLength(2)
  expect(text.split('assistant: You wrote: “What can you do?”')).toHaveLength(2)
  ann.write('\x03')
  await ann.see('Ctrl-C again quits')
  ann.write('\x03')
  expect(await ann.ended).toBe(0)
})

needs('script')('[TERM-23] rooms, people, unread, presence, direct rooms and invitations', async () => {
  await using bob = await client('bob')
  const ann = open('ann', 'lobby')
  await ann.see('Lobby>')
  ann.write('/join cel\t\r')
  await ann.see('cel>')
  await bob.join('cel')
  await ann.see('bob joined.')
  await bob.setPresence('away', 'at lunch')
  ann.write('/who\r')
  await ann.see('bob: away, at lunch')
  await bob.room('lobby').send('@ann look')
  await ann.see(/\*bob in Lobby: @ann look[\s\S]*unread: \*Lobby 1/)
  ann.write('/unread\r')
  await ann.see(/Lobby \(lobby\): \d members, 1 unread, you are mentioned/)
  ann.write('/dm bo\t')
  await ann.see('/dm bob')
  ann.write('psst\r')
  await ann.see(/ann: psst[\s\S]*bob>$/m)
  ann.write('/join lobby\r')
  await ann.see(/── 1 unread ──\n\d\d:\d\d bob: @ann look\n/)
  ann.write('/rooms\r')
  await ann.see('bob: direct')
  ann.write('/join mine\r')
  await ann.see('mine>')
  ann.write('/invite\r')
  await ann.see('comes in with /accept')
  ann.write('/leave\r')
  await ann.see('You are no longer in mine')
  ann.write('/history\r')
  await ann.see('You are in no room: /join one')
  ann.write('/quit\r')
  expect(await ann.ended).toBe(0)
})

needs('script')('[TERM-24] a file goes up with a bar, Ctrl-C stops it, and it comes down whole', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'noise.zip'), Buffer.alloc(5_000_000, 7))
  writeFileSync(join(cwd, 'large.zip'), Buffer.alloc(50_000_000, 7))
  const ann = open('ann', 'files', cwd)
  await ann.see('files>')
  ann.write('/upload noi\t\r')
  await ann.see('Upload of noise.zip: done.')
  expect(ann.output()).toMatch(/upload \[[#-]{20}\]/)
  ann.write('/download noi\tgot.zip\r')
  await ann.see('saved as got.zip')
  expect(readFileSync(join(cwd, 'got.zip')).equals(readFileSync(join(cwd, 'noise.zip')))).toBe(true)
  ann.write('/upload large.zip\r')
  await ann.see(/upload \[#/)
  ann.write('\x03')
  await ann.see('Upload of large.zip: stopped.')
  ann.write('\x04')
  expect(await ann.ended).toBe(0)
})

needs('script')(
  '[TERM-24] a lost connection is a row that goes away, and what was sent meanwhile arrives',
  async () => {
    await using own = await startServer()
    const ann = openTerminal([], { env: { PARLEY_URL: own.url, PARLEY_API_KEY: await own.register('ann') } })
    await ann.see('Lobby>')
    await own.stop()
    await ann.see('No connection; trying again')
    ann.write('are you there?\r')
    await ann.see('(sending) are you there?')
    await own.start()
    await ann.see(/ann: are you there\?\nLobby>$/)
    expect(rows(ann.shown())).toEqual(['── Lobby ──', '00:00 ann: are you there?', 'Lobby>'])
    ann.write('\x04')
    expect(await ann.ended).toBe(0)
  },
)

needs('script')('[TERM-25] a secret is asked for and never shown: a key, or a password', async () => {
  const typed = openTerminal(['--url', server.url])
  await typed.see('Token or API key:')
  typed.write(`${keys.eve}\r`)
  await typed.see('Lobby>')
  expect(typed.output()).not.toContain(keys.eve)
  typed.write('\x04')
  expect(await typed.ended).toBe(0)

  const password = 'correct horse battery'
  const account = { username: 'zoe', email: 'zoe@example.org', password }
  const headers = { 'Content-Type': 'application/json' }
  await fetch(`${server.url}/api/v1/auth/register`, { method: 'POST', headers, body: JSON.stringify(account) })
  const signIn = async (answer: string) => {
    const program = openTerminal(['--url', server.url, '--username', 'zoe'])
    await program.see('Password of zoe:')
    program.write(`${answer}\r`)
    return program
  }
  const zoe = await signIn(password)
  await zoe.see('Lobby>')
  expect(zoe.output()).not.toContain('horse')
  zoe.write('\x04')
  expect(await zoe.ended).toBe(0)
  const wrong = await signIn('wrong horse')
  expect(await wrong.ended).toBe(3)
  expect(wrong.output()).not.toContain('horse')
})
