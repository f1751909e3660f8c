import { expect, test } from 'vitest'
import { callsOf } from './trace/calls.ts'
import { syncedBeforeTold } from './trace/syncs.ts'

const hex = (bytes: Buffer | string): string => Buffer.from(bytes).toString('hex').replaceAll(/../g, '\\x$&')

const LOG = `28<${hex('/data/parley.db-wal')}>`
const SOCKET = '41<TCP:[127.0.0.1:40759->127.0.0.1:38206]>'
const EVENT = `19<${hex('anon_inode:[eventfd]')}>`

function header(databasePages: number): string {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32BE(databasePages, 4)
  return `7 pwrite64(${LOG}, "${hex(bytes)}", 24, 0) = 24`
}

const page = (text: string) => `7 pwrite64(${LOG}, "${hex(`\n page ${text} `)}", 4096, 24) = 4096`
/** A transaction of two pages: the first with the row. */
const rows = (text: string) => [header(0), page(text), header(12), page('index')]
const sync = `7 fsync(${LOG}) = 0`
const told = (text: string) => `1 write(${SOCKET}, "${hex(`\x81\x7e{"content":"${text}"}`)}", 60) = 60`

const judge = (...lines: string[]) =>
  syncedBeforeTold(callsOf(lines.join('\n')), /traced\.\d+\./g).violations.map(({ what }) => what)

test('rows, sync, answer: nothing to say', () => {
  expect(judge(...rows('traced.1.'), sync, told('traced.1.'), ...rows('traced.2.'), sync, told('traced.2.'))).toEqual(
    [],
  )
})

test('one sync may stand for a whole group', () => {
  expect(judge(...rows('traced.1. traced.2.'), sync, told('traced.1. traced.2.'))).toEqual([])
})

test('fdatasync is as good', () => {
  expect(judge(...rows('traced.1.'), sync.replace('fsync', 'fdatasync'), told('traced.1.'))).toEqual([])
})

test('every way to answer too early is told', () => {
  expect(judge(told('traced.1.'), ...rows('traced.1.'), sync)).toEqual([
    'traced.1. was told before its rows were written',
  ])
  expect(judge(...rows('traced.1.'), told('traced.1.'), sync)).toEqual(['traced.1. was told before the log was synced'])
  expect(judge(...rows('traced.1.'), told('traced.1.'))).toEqual(['traced.1. was told before the log was synced'])
  const [first = '', second = '', ...rest] = rows('traced.1.')
  expect(judge(first, second, sync, told('traced.1.'), ...rest)).toEqual([
    'traced.1. was told before its transaction was written',
  ])
  expect(judge(first, second, sync, ...rest, told('traced.1.'))).toEqual([
    'traced.1. was told before the log was synced',
  ])
})

test('only a sync of the log counts, and one that succeeded', () => {
  const ofDatabase = sync.replace(LOG, `27<${hex('/data/parley.db')}>`)
  const failed = `7 fsync(${LOG}) = -1 EIO (Input/output error)`
  for (const other of [ofDatabase, failed])
    expect(judge(...rows('traced.1.'), other, told('traced.1.'))).toHaveLength(1)
})

test('a sync that was still running when the answer left does not count', () => {
  const [begun, resumed] = [`7 fsync(${LOG} <unfinished ...>`, '7 <... fsync resumed>) = 0']
  expect(judge(...rows('traced.1.'), begun, resumed, told('traced.1.'))).toEqual([])
  expect(judge(...rows('traced.1.'), begun, told('traced.1.'), resumed)).toHaveLength(1)
})

test('a sync that began before the last row was written does not count', () => {
  const [first = '', second = '', third = '', last = ''] = rows('traced.1.')
  const [begun, resumed] = [`9 fsync(${LOG} <unfinished ...>`, '9 <... fsync resumed>) = 0']
  expect(judge(first, second, third, begun, last, resumed, told('traced.1.'))).toHaveLength(1)
})

test('calls in between, several buffers and other files are no matter', () => {
  const wake = `7 write(${EVENT}, "${hex('\x01')}", 8) = 8`
  const vector = `1 writev(${SOCKET}, [{iov_base="${hex('\x81\x7e')}", iov_len=2}, {iov_base="${hex('traced.1.')}", iov_len=9}], 2) = 11`
  expect(judge(...rows('traced.1.'), sync, wake, vector)).toEqual([])
  expect(judge(...rows('traced.1.'), wake, vector)).toHaveLength(1)
  expect(syncedBeforeTold(callsOf([...rows('traced.1.'), sync, vector].join('\n')), /traced\.\d+\./g).told).toBe(1)
})
