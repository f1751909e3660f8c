import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { FILE_EXTENSIONS } from '@parley/protocol/rooms/limits'
import { expect, onTestFinished, test } from 'vitest'
import { bytesOf } from '../contracts/files.ts'
import { openInTemporary } from '../stores/temporary.ts'
import { named, openDesk, refusal, sha256 } from './core.ts'

const UNKNOWN = { code: 'upload_unknown' }

test('[FILE-30] a file comes in pieces, in any order, and is what its pieces were', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const { upload, chunkMax } = await desk.run(ann, {
    ...{ type: 'upload.begin', name: 'notes.txt', size: 6, mimeType: 'text/markdown', room: null },
  })
  expect(chunkMax).toBe(1_048_576)
  expect(upload).toMatchObject({ owner: ann.user.id, room: null, startedAt: desk.clock.now() })
  expect(upload.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const id = upload.id
  expect(await desk.put(ann, id, 2, 3, 'ef')).toEqual({ received: 1, total: 3 })
  expect(await desk.put(ann, id, 0, 3, 'xx')).toEqual({ received: 2, total: 3 })
  expect(await desk.put(ann, id, 0, 3, 'ab')).toEqual({ received: 2, total: 3 })
  expect(await desk.put(ann, id.toUpperCase(), 1, 3, 'cd')).toEqual({ received: 3, total: 3 })
  desk.clock.advance(1_500)
  const { file, seconds } = await desk.finish(ann, id, { checksum: sha256('abcdef').toUpperCase() })
  expect(file).toEqual({
    ...{ id, owner: ann.user.id, room: null, name: 'notes.txt', size: 6, mimeType: 'text/markdown' },
    ...{ sniffed: 'text/plain', checksum: sha256('abcdef'), storedAt: desk.clock.now() },
  })
  expect(seconds).toBe(1.5)
  expect((await bytesOf(desk.files, id)).toString()).toBe('abcdef')
  expect(await desk.kept()).toEqual({ uploads: [], files: [id] })
})

test('[FILE-31] what is announced is checked: size, then type, then room', async () => {
  const desk = await openDesk({ settings: { maxFile: 100 } })
  const ann = await desk.person('ann')
  const because = (over: object) => refusal(desk.begin(ann, over))
  expect(await because({ size: 101, name: 'a.exe' })).toEqual({ code: 'file_too_large', max: 100 })
  for (const size of [0, -1, 1.5, Number.NaN])
    expect(await because({ size, name: 'a.exe' })).toEqual({ code: 'file_size_invalid' })
  expect(await because({ name: 'a.pdf.exe', room: named('nowhere') })).toEqual({
    code: 'file_type_refused',
    extension: 'exe',
  })
  for (const name of ['noending', '', '.', 'a.', 'txt', 'a.txt/b'])
    expect(await because({ name })).toEqual({ code: 'file_type_refused', extension: '' })
  expect(await because({ room: named('nowhere') })).toEqual({ code: 'room_unknown' })
  await desk.begin(ann, { size: 100 })
})

test('[FILE-31] every documented ending is taken, in any case, and no other', async () => {
  const desk = await openDesk()
  const admin = await desk.person('admin', 'admin')
  for (const extension of FILE_EXTENSIONS) {
    const id = await desk.begin(admin, { name: `A.${extension.toUpperCase()}` })
    await desk.run(admin, { type: 'upload.cancel', id })
  }
  for (const name of ['a.svgz', 'a.exe', 'a.sh', 'a.htm', 'a.mkv'])
    expect(await refusal(desk.begin(admin, { name }))).toMatchObject({ code: 'file_type_refused' })
})

test('[FILE-32] a name is kept without folders and unseen characters, a type if it is one', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const kept = async (name: string, mimeType = 'text/plain') => {
    const id = await desk.begin(ann, { name, mimeType })
    const upload = await desk.store.upload(id)
    await desk.run(ann, { type: 'upload.cancel', id })
    return [upload?.name, upload?.mimeType]
  }
  expect(await kept('../../etc/passwd.txt')).toEqual(['passwd.txt', 'text/plain'])
  expect(await kept('C:\\docs\\Bericht “ä” 🎉.pdf')).toEqual(['Bericht “ä” 🎉.pdf', 'text/plain'])
  expect(await kept('fdp.\u202etxt\n.png\0')).toEqual(['fdp.txt.png', 'text/plain'])
  expect(await kept('\ud800.txt')).toEqual(['\ufffd.txt', 'text/plain'])
  const [long] = await kept(`${'🎉'.repeat(300)}.txt`)
  expect([long?.length, long?.endsWith('🎉.txt')]).toEqual([254, true])
  expect(await kept('a.txt', 'text/html; charset=utf-8')).toEqual(['a.txt', 'text/html; charset=utf-8'])
  for (const bad of ['', 'text', 'text/x\r\nSet-Cookie: a', 'text/html; "\n"', `text/${'x'.repeat(255)}`])
    expect(await kept('a.txt', bad)).toEqual(['a.txt', 'application/octet-stream'])
})

test('[FILE-33] a piece is checked before it is kept', async () => {
  const desk = await openDesk({ settings: { maxChunk: 10 } })
  const ann = await desk.person('ann')
  const id = await desk.begin(ann, { size: 25 })
  const because = (index: number, total: number, bytes = 'x') => refusal(desk.put(ann, id, index, total, bytes))
  expect(await because(0, 1, 'x'.repeat(11))).toEqual({ code: 'chunk_too_large', max: 10 })
  for (const [index, total] of [
    [-1, 3],
    [3, 3],
    [0.5, 3],
    [0, 0],
    [0, 10_001],
    [0, Number.NaN],
  ] as const)
    expect(await because(index, total)).toMatchObject({ code: 'chunk_invalid' })
  expect(await desk.kept()).toEqual({ uploads: [], files: [] })
  expect(await desk.put(ann, id, 9_999, 10_000, 'x')).toEqual({ received: 1, total: 10_000 })
  // All pieces together may exceed what was announced by one piece: who cuts anew needs that much.
  for (const index of [0, 1, 2]) await desk.put(ann, id, index, 4, 'x'.repeat(10))
  expect(await because(3, 4, 'x'.repeat(5))).toEqual({ code: 'size_mismatch', expected: 25, got: 36 })
  expect(await desk.put(ann, id, 2, 4, 'x'.repeat(5))).toEqual({ received: 3, total: 4 })
})

test('[FILE-34] the end is checked in order: pieces, size, checksum; after each the upload goes on', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  const because = (checksum: string | null = null) => refusal(desk.finish(ann, id, { checksum }))
  expect(await because()).toEqual({ code: 'chunks_missing', expected: 1, got: 0 })
  await desk.put(ann, id, 2, 3, 'xyz')
  await desk.put(ann, id, 0, 3, 'abc')
  expect(await because('wrong')).toEqual({ code: 'chunks_missing', expected: 3, got: 2 })
  await desk.put(ann, id, 1, 3, 'd')
  expect(await because('wrong')).toEqual({ code: 'size_mismatch', expected: 6, got: 7 })
  await desk.put(ann, id, 2, 3, 'ef')
  expect(await because('wrong')).toEqual({ code: 'checksum_wrong' })
  expect(await because('')).toEqual({ code: 'checksum_wrong' })
  expect(await desk.kept()).toEqual({ uploads: [id], files: [] })
  expect((await desk.finish(ann, id, { checksum: sha256('abcdef') })).file.size).toBe(6)
})

test('[FILE-34] the total that was said last counts', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  for (const [index, piece] of ['ab', 'cd', 'ef'].entries()) await desk.put(ann, id, index, 3, piece)
  expect(await desk.put(ann, id, 0, 2, 'abc')).toEqual({ received: 2, total: 2 })
  await desk.put(ann, id, 1, 2, 'def')
  const { file } = await desk.finish(ann, id)
  expect(file.checksum).toBe(sha256('abcdef'))
})

test('[FILE-35] an upload goes on after a restart', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  await desk.put(ann, id, 0, 3, 'ab')
  await desk.put(ann, id, 1, 3, 'cd')
  await desk.restart()
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'size_mismatch', expected: 6, got: 4 })
  expect(await desk.put(ann, id, 2, 3, 'ef')).toEqual({ received: 3, total: 3 })
  await desk.restart()
  expect((await desk.finish(ann, id)).file.checksum).toBe(sha256('abcdef'))
})

test('[FILE-35] the database keeps uploads and files as the core wants them', async () => {
  const opened = await openInTemporary()
  onTestFinished(() => opened.close())
  const desk = await openDesk({ store: opened.store, settings: { quotaPerUser: 20, quotaTotal: 20 } })
  const ann = await desk.person('ann')
  const room = await desk.room('team', 'shared', ann)
  const file = await desk.send(ann, 'abcdef', { room: named('team'), name: 'Ünï 🎉.txt' })
  expect(await desk.run(ann, { type: 'file.show', id: file.id })).toEqual(file)
  expect((await desk.finish(ann, file.id)).file).toEqual(file)
  expect(await opened.store.filesOf(room, null, 10)).toEqual([file])
  expect(await refusal(desk.begin(ann, { size: 15 }))).toEqual({ code: 'storage_insufficient' })
  const id = await desk.begin(ann, { size: 14, room: named('lobby') })
  await desk.put(ann, id, 0, 1, 'x'.repeat(14))
  await desk.restart()
  expect((await desk.finish(ann, id)).file.room).toBe(desk.store.lobby)
  desk.clock.advance(48 * 3_600_000)
  expect(await desk.sweep()).toEqual({ uploads: 0, files: 0 })
  await desk.run(ann, { type: 'room.delete', ref: named('team') })
  await desk.untilKept(1)
  expect(await desk.kept()).toEqual({ uploads: [], files: [id] })
})

test('[FILE-36] finishing twice, one after the other or at once, makes one file and answers the same', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann, { room: named('lobby') })
  await desk.put(ann, id, 0, 1, 'abcdef')
  desk.clock.advance(2_000)
  const both = await Promise.all([desk.finish(ann, id), desk.finish(ann, id)])
  desk.clock.advance(2_000)
  expect([both[1], await desk.finish(ann, id)]).toEqual([both[0], both[0]])
  expect(desk.events.filter(event => event.type === 'file.added')).toHaveLength(1)
  await desk.restart()
  expect((await desk.finish(ann, id)).file).toEqual(both[0]?.file)
})

test('[FILE-36] after its end an upload takes no piece and can not be cancelled', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const { id } = await desk.send(ann, 'abc')
  expect(await refusal(desk.put(ann, id, 0, 1, 'new'))).toEqual(UNKNOWN)
  expect(await refusal(desk.run(ann, { type: 'upload.cancel', id }))).toEqual(UNKNOWN)
  expect((await bytesOf(desk.files, id)).toString()).toBe('abc')
})

test('[FILE-37] an upload is its owner’s alone, on however many connections; to others it is unknown', async () => {
  const desk = await openDesk()
  const [ann, ben] = [await desk.person('ann'), await desk.person('ben', 'admin')]
  const id = await desk.begin(ann)
  await Promise.all(['ab', 'cd', 'ef'].map((piece, index) => desk.put(ann, id, index, 3, piece)))
  for (const one of [id, 'nonsense', '00000000-0000-4000-8000-000000000000']) {
    expect(await refusal(desk.put(ben, one, 0, 3, 'xx'))).toEqual(UNKNOWN)
    expect(await refusal(desk.finish(ben, one))).toEqual(UNKNOWN)
    expect(await refusal(desk.run(ben, { type: 'upload.cancel', id: one }))).toEqual(UNKNOWN)
  }
  expect((await desk.finish(ann, id)).file.checksum).toBe(sha256('abcdef'))
  expect(await refusal(desk.finish(ben, id))).toEqual(UNKNOWN)
})

test('[FILE-37] who may not write sends no files', async () => {
  const desk = await openDesk()
  const viewer = await desk.person('viewer', 'viewer')
  expect(await refusal(desk.begin(viewer))).toMatchObject({ code: 'role_forbids', role: 'viewer' })
  const guest = { kind: 'anonymous', address: '::1', local: true } as const
  const begin = { type: 'upload.begin', name: 'a.txt', size: 1, mimeType: 'text/plain', room: null } as const
  expect(await refusal(desk.run(guest, begin))).toEqual({ code: 'unauthenticated' })
})

test('[FILE-38] a cancelled upload leaves nothing, also when it was being finished', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  await desk.put(ann, id, 0, 1, 'abcdef')
  const finishing = refusal(desk.finish(ann, id, { checksum: 'wrong' }))
  expect(await desk.run(ann, { type: 'upload.cancel', id })).toEqual({ id })
  expect(await finishing).toEqual({ code: 'checksum_wrong' })
  expect(await refusal(desk.finish(ann, id))).toEqual(UNKNOWN)
  expect([await desk.store.upload(id), await desk.kept()]).toEqual([undefined, { uploads: [], files: [] }])
})

test('[FILE-39] quotas of the user and of all count files and uploads; what goes makes place', async () => {
  const desk = await openDesk({ settings: { quotaPerUser: 10, quotaTotal: 15 } })
  const [ann, ben] = [await desk.person('ann'), await desk.person('ben')]
  await desk.send(ann, 'abcdef')
  expect(await refusal(desk.begin(ann, { size: 5 }))).toEqual({ code: 'storage_insufficient' })
  const id = await desk.begin(ann, { size: 4 })
  expect(await refusal(desk.begin(ben, { size: 6 }))).toEqual({ code: 'storage_insufficient' })
  await desk.run(ann, { type: 'upload.cancel', id })
  await desk.begin(ben, { size: 6 })
})

test('[FILE-39] a user has at most 20 uploads going on, and those refused do not count', async () => {
  const desk = await openDesk({ settings: { quotaPerUser: 1_000 } })
  const [ann, ben] = [await desk.person('ann'), await desk.person('ben')]
  for (let i = 0; i < 25; i++) expect(await refusal(desk.begin(ann, { size: 1_001 }))).toMatchObject({})
  const begun = await Promise.all(Array.from({ length: 20 }, () => desk.begin(ann, { size: 6 })))
  expect(await refusal(desk.begin(ann))).toEqual({ code: 'rate_limited', retryAfter: 60 })
  await desk.begin(ben)
  await desk.put(ann, begun[0] ?? '', 0, 1, 'abcdef')
  await desk.finish(ann, begun[0] ?? '')
  await desk.run(ann, { type: 'upload.cancel', id: begun[1] ?? '' })
  await Promise.all([desk.begin(ann), desk.begin(ann)])
  expect(await refusal(desk.begin(ann))).toMatchObject({ code: 'rate_limited' })
})

test('[FILE-40] a full disk is insufficient storage; nothing half counts and the upload goes on', async () => {
  const desk = await openDesk()
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  await desk.put(ann, id, 0, 2, 'abc')
  symlinkSync('/dev/full', join(desk.directory, 'temp', id, '1.2.part'))
  expect(await refusal(desk.put(ann, id, 1, 2, 'def'))).toEqual({ code: 'storage_insufficient' })
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'chunks_missing', expected: 2, got: 1 })
  await desk.put(ann, id, 1, 2, 'def')
  const folder = join(desk.directory, id.slice(0, 2))
  mkdirSync(folder)
  symlinkSync('/dev/full', join(folder, `${id}.part`))
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'storage_insufficient' })
  expect(await desk.kept()).toEqual({ uploads: [id], files: [] })
  expect((await desk.finish(ann, id)).file.checksum).toBe(sha256('abcdef'))
})
