import type { Approval } from '@parley/client/chat'
import { expect, test } from 'vitest'
import { start } from '../../src/room/app.ts'
import { COMMANDS, help, readInput } from '../../src/room/commands.ts'
import { complete, type Names } from '../../src/room/complete.ts'
import type { Happening } from '../../src/room/happening.ts'
import { jsonLine, plainLines, readJsonLine } from '../../src/room/lines.ts'
import { isMention } from '../../src/room/mention.ts'
import { bytes, clockOf } from '../../src/room/phrase.ts'
import { credentialsOf } from '../../src/room/sign-in.ts'
import { done, entered, KITCHEN, run, said, text } from '../fixture/happenings.ts'

test('[TERM-8] what is entered is a message, a command, or wrong', () => {
  expect(readInput('hello  ')).toEqual({ is: 'send', text: 'hello' })
  expect(readInput('  indented\n  code')).toEqual({ is: 'send', text: '  indented\n  code' })
  expect(readInput('//shrug')).toEqual({ is: 'send', text: '/shrug' })
  expect(readInput(' \n')).toEqual({ is: 'nothing' })
  expect(readInput('/join The kitchen')).toEqual({ is: 'join', room: 'The kitchen' })
  expect(readInput('/leave')).toEqual({ is: 'leave', room: undefined })
  expect(readInput('/dm @bob see you\nthere')).toEqual({ is: 'dm', name: 'bob', text: 'see you\nthere' })
  expect(readInput('/ask why?')).toEqual({ is: 'ask', text: 'why?' })
  expect(readInput('/search "a b" c')).toEqual({ is: 'search', text: '"a b" c' })
  expect(readInput('/search')).toEqual({ is: 'search', text: undefined })
  expect(readInput('/history')).toEqual({ is: 'history', limit: 20 })
  expect(readInput('/history 999')).toEqual({ is: 'history', limit: 200 })
  expect(readInput('/upload my file.txt')).toEqual({ is: 'upload', path: 'my file.txt' })
  expect(readInput('/download "my file.txt" /tmp')).toEqual({ is: 'download', name: 'my file.txt', path: '/tmp' })
  expect(readInput('/presence away at lunch')).toEqual({ is: 'presence', status: 'away', text: 'at lunch' })
  expect(readInput('/approve')).toEqual({ is: 'approve', code: undefined })
  expect(readInput('/deny K7MX2WQR')).toEqual({ is: 'deny', code: 'K7MX2WQR' })
  expect(readInput('/approvals')).toEqual({ is: 'approvals' })
  expect(readInput('/who')).toEqual({ is: 'who' })
  expect(readInput('/accept ab.c\n  de')).toEqual({ is: 'accept', token: 'ab.cde' })
  for (const wrong of ['/join', '/history x', '/presence busy', '/who is it', '/nope', '/constructor', '/'])
    expect(readInput(wrong)).toMatchObject({ is: 'wrong' })
})

test('[TERM-8] the help names every command', () => {
  for (const name of Object.keys(COMMANDS)) expect(help()).toMatch(new RegExp(`^/${name}\\b`, 'm'))
})

const names: Names = {
  rooms: ['lobby', 'kitchen', 'kiosk', 'The attic'],
  people: ['Ann', 'andy', 'bob'],
  shared: ['recipe.txt'],
  files: beginning => ['src/', 'soup.txt'].filter(name => name.startsWith(beginning)),
}
const tab = (text: string) => complete(text, text.length, names)

test('[TERM-9] Tab completes commands, rooms, people and files, and shows what there is to choose from', () => {
  expect(tab('/jo')).toMatchObject({ text: '/join ', choices: [] })
  expect(tab('/join ki')).toMatchObject({ text: '/join ki', choices: ['kitchen', 'kiosk'] })
  expect(tab('/join kit')).toMatchObject({ text: '/join kitchen ' })
  expect(tab('/join The a')).toMatchObject({ text: '/join The attic ' })
  expect(tab('/dm bo')).toMatchObject({ text: '/dm bob ' })
  expect(tab('/dm bob an')).toMatchObject({ text: '/dm bob An', choices: ['Ann', 'andy'] })
  expect(tab('an')).toMatchObject({ text: 'An', choices: ['Ann', 'andy'] })
  expect(tab('bo')).toMatchObject({ text: 'bob: ' })
  expect(tab('hi @B')).toMatchObject({ text: 'hi @bob ' })
  expect(tab('/upload s')).toMatchObject({ choices: ['src/', 'soup.txt'] })
  expect(tab('/upload sr')).toMatchObject({ text: '/upload src/' })
  expect(tab('/download ')).toMatchObject({ text: '/download recipe.txt ' })
  expect(tab('/presence a')).toMatchObject({ text: '/presence away ' })
  expect(complete('bo there', 2, names)).toMatchObject({ text: 'bob:  there', cursor: 5 })
  for (const none of ['', 'zz', '/who x', '/join zz', 'hi ']) expect(tab(none)).toBeUndefined()
})

test('[TERM-14] a mention is the whole name behind an @; everything in a direct room is one', () => {
  for (const one of ['@ann', 'hi @Ann!', '(@ann)', '@annie and @ann']) expect(isMention(one, 'ann', 'group')).toBe(true)
  for (const none of ['ann', '@annie', 'me@ann', '@an']) expect(isMention(none, 'ann', 'group')).toBe(false)
  expect(isMention('hi', 'ann', 'direct')).toBe(true)
})

test('[TERM-15] plain: every message is one line, an answer when it is whole, and nothing else moves', () => {
  let app = start('2026-11-25')
  const at = clockOf('2026-11-25T12:00:00.000Z')
  const print = (...happenings: Happening[]) =>
    happenings.flatMap(happening => {
      const { app: next, lines } = plainLines(app, happening)
      app = next
      return lines
    })
  expect(print(entered(), said(1, 'bob', 'one\ntwo\x1b[2J\n'))).toEqual([
    '── The kitchen ──',
    `${at} bob: one ⏎ two␛[2J`,
  ])
  expect(
    print(run('r'), text('r', 'Two\n'), said(2, 'bob', 'hm'), text('r', 'rows'), done('r', 3, 'Two\nrows')),
  ).toEqual([...[`${at} bob: hm`, `${at} assistant: Two ⏎ rows`]])
  const waiting: Happening = { type: 'connection', state: 'waiting', delay: 1, code: 'UNREACHABLE', error: 'gone' }
  expect(print(waiting, { type: 'connection', state: 'connecting' }, { type: 'connection', state: 'live' })).toEqual([
    ...['No connection; trying again. gone', 'Connected.'],
  ])
  expect(print({ type: 'typing', ...KITCHEN, people: ['bob'] })).toEqual([])
})

test('[TERM-17] what agents want to do is listed with all that a tool is given, and nothing of it moves the terminal', () => {
  const agent = { user_id: 'a', username: 'assistant' }
  const where = { room: 'r', room_id: 'kitchen', conversation_id: null, run_id: 'r' }
  const at = '2026-11-25T12:00:00.000Z'
  const use = { tool: 'make_note', arguments: { title: 'milk\u001b[2J\n\u202e' }, why: 'write' } as const
  const approval = { approval: 'K7MX2WQR', agent, ...where, ...use, asked_at: at, expires_at: at }
  const print = (...approvals: Approval[]) => plainLines(start('2026-11-25'), { type: 'approvals', approvals }).lines
  expect(print()).toEqual(['None.'])
  const [line] = print(approval)
  expect(line).toBe(
    `  K7MX2WQR: assistant wants to use make_note with {"title":"milk\\u001b[2J\\n\ufffd"} in kitchen (it changes something), until ${clockOf(at)}`,
  )
})

test('[TERM-16] json: a line is one object without control characters; input is a message, a text or a command', () => {
  const happening: Happening = { type: 'notice', text: 'a\nb\u009b2J\u202e\x7f' }
  const line = jsonLine(happening)
  expect(line).toBe('{"type":"notice","text":"a\\nb\\u009b2J\\u202e\\u007f"}')
  expect(JSON.parse(line)).toEqual(happening)
  expect(readJsonLine('hi /there')).toEqual({ is: 'send', text: 'hi /there' })
  expect(readJsonLine('/who')).toEqual({ is: 'send', text: '/who' })
  expect(readJsonLine('{"text":"{}"}')).toEqual({ is: 'send', text: '{}' })
  expect(readJsonLine('{"command":"/who"}')).toEqual({ is: 'who' })
  expect(readJsonLine('  ')).toEqual({ is: 'nothing' })
  for (const wrong of ['{', '{}', '{"text":1}', '{"command":"who"}', '{"text":" "}'])
    expect(readJsonLine(wrong)).toMatchObject({ is: 'wrong' })
})

test('[TERM-13] sizes, and what kind of secret one is', () => {
  expect([999, 1_000, 1_500_000, 2e12].map(bytes)).toEqual(['999 B', '1.0 kB', '1.5 MB', '2000.0 GB'])
  expect(credentialsOf('a.b.c')).toEqual({ token: 'a.b.c' })
  expect(credentialsOf('abc')).toEqual({ apiKey: 'abc' })
})
