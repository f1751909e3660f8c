import { expect, test } from 'vitest'
import type { FileId, RoomId, UserId } from '../../src/core/ids.ts'
import { type Member, testIds } from '../world.ts'
import { type Desk, named, openDesk, refusal } from './core.ts'

const show = (desk: Desk, as: Member, id: string) => desk.run(as, { type: 'file.show', id })
const UNKNOWN = { code: 'file_unknown' }

async function threePeople() {
  const desk = await openDesk()
  const [ann, ben, cat] = [await desk.person('ann'), await desk.person('ben'), await desk.person('cat')]
  return { desk, ann, ben, cat }
}

test('[FILE-42] a room hears of progress, at most of each hundredth, and of the file as one of its events', async () => {
  const { desk, ann } = await threePeople()
  const room = await desk.room('team', 'shared', ann)
  const id = await desk.begin(ann, { room: named('team'), size: 1_000 })
  for (let index = 0; index < 1_000; index++) await desk.put(ann, id, index, 1_000, 'x')
  const { file } = await desk.finish(ann, id)
  await desk.context.commits.drained()
  const progress = desk.events.flatMap(event => (event.type === 'upload.progressed' ? [event] : []))
  expect(progress.map(event => event.progress)).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) / 100))
  expect(progress[0]).toMatchObject({ in: { id: room }, uploader: ann.user, file: id, name: 'notes.txt' })
  const [head] = await desk.store.heads([room])
  expect(desk.events.at(-1)).toMatchObject({
    ...{ type: 'file.added', room: { id: room }, seq: head, at: desk.clock.now(), file, uploader: ann.user },
  })
  expect(await desk.store.log(room, (head ?? 0) - 1, 1)).toMatchObject([{ type: 'file.added', file }])
})

test('[FILE-42] a room named with a piece hears of it instead; one that its sender left hears nothing more', async () => {
  const { desk, ann, ben } = await threePeople()
  const [one, other] = [await desk.room('one', 'shared', ann), await desk.room('other', 'shared', ann)]
  await desk.room('strange', 'shared', ben)
  const id = await desk.begin(ann, { room: named('one') })
  const put = (index: number, room: string | null) =>
    desk.run(ann, {
      type: 'upload.put',
      id,
      index,
      total: 4,
      bytes: Buffer.from('x'),
      room: room === null ? null : named(room),
    })
  await put(0, null)
  await put(1, 'other')
  expect(await refusal(put(2, 'strange'))).toEqual({ code: 'not_member' })
  await desk.leave(one, ann)
  await put(2, null)
  await put(3, 'other')
  await desk.context.commits.drained()
  await new Promise(resolve => setImmediate(resolve))
  const heard = desk.events.flatMap(event =>
    event.type === 'upload.progressed' ? [[event.in.id, event.progress]] : [],
  )
  expect(heard).toEqual([
    [one, 0.25],
    [other, 0.5],
    [other, 1],
  ])
})

test('[FILE-43] a file goes to the room named last; only to one that its sender is in', async () => {
  const { desk, ann, ben } = await threePeople()
  const [one, other] = [await desk.room('one', 'shared', ann), await desk.room('other', 'shared', ann)]
  await desk.room('strange', 'shared', ben)
  expect(await refusal(desk.begin(ann, { room: named('strange') }))).toEqual({ code: 'not_member' })
  const id = await desk.begin(ann, { room: named('one'), size: 3 })
  await desk.put(ann, id, 0, 1, 'abc')
  expect(await refusal(desk.finish(ann, id, { room: named('strange') }))).toEqual({ code: 'not_member' })
  expect(await refusal(desk.finish(ann, id, { room: named('nowhere') }))).toEqual({ code: 'room_unknown' })
  expect((await desk.finish(ann, id, { room: named('other') })).file.room).toBe(other)
  const second = await desk.begin(ann, { room: named('one'), size: 3 })
  await desk.put(ann, second, 0, 1, 'abc')
  await desk.leave(one, ann)
  expect(await refusal(desk.finish(ann, second))).toEqual({ code: 'not_member' })
  expect((await desk.finish(ann, second, { room: named('other') })).file.room).toBe(other)
})

test('[FILE-43] a room without a label is named by its id; bots send no files to people directly', async () => {
  const { desk, ann, ben } = await threePeople()
  const bot = await desk.run(ann, { type: 'bots.create', name: 'bot' })
  const open = async (one: Member, other: Member) => {
    const pair = one.user.id < other.user.id ? [one.user.id, other.user.id] : [other.user.id, one.user.id]
    const id = testIds.uuid() as RoomId // a fresh uuid is what a room id is
    const write = { type: 'room.open_direct', id, pair: pair as [UserId, UserId], at: desk.clock.now() } as const
    return (await desk.context.commits.run(write)).room.id
  }
  const room = await open(ann, ben)
  const file = await desk.send(ann, 'abc', { room: { by: 'id', id: room } })
  expect([file.room, await show(desk, ben, file.id)]).toEqual([room, file])
  const withBot = await open(ann, bot)
  expect(await refusal(desk.begin(bot, { room: { by: 'id', id: withBot } }))).toMatchObject({
    code: 'role_forbids',
    role: 'bot',
  })
  expect(await refusal(desk.begin(bot, { room: { by: 'id', id: room } }))).toEqual({ code: 'room_unknown' })
  expect((await desk.send(bot, 'abc', { room: named('lobby') })).room).toBe(desk.store.lobby)
})

test('[FILE-43] an upload is over when its room is deleted, and no longer counts', async () => {
  const { desk, ann } = await threePeople()
  await desk.room('team', 'shared', ann)
  const ids: FileId[] = []
  for (let i = 0; i < 20; i++) ids.push(await desk.begin(ann, { room: named('team'), size: 3 }))
  const [id] = ids as [FileId]
  await desk.put(ann, id, 0, 1, 'abc')
  expect(await refusal(desk.begin(ann))).toMatchObject({ code: 'rate_limited' })
  await desk.run(ann, { type: 'room.delete', ref: named('team') })
  for (const one of ids) while (await desk.store.upload(one)) await new Promise(resolve => setImmediate(resolve))
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'upload_unknown' })
  expect(await refusal(desk.begin(ann, { room: named('team') }))).toEqual({ code: 'room_unknown' })
  await desk.begin(ann)
  await desk.sweep()
  expect(await desk.kept()).toEqual({ uploads: [], files: [] })
})

test('[FILE-50] its sender, who is in its room and admins read a file; to others it is unknown', async () => {
  const { desk, ann, ben, cat } = await threePeople()
  const admin = await desk.person('admin', 'admin')
  const room = await desk.room('team', 'shared', ann)
  await desk.join(room, ben)
  const [shared, own] = [await desk.send(ann, 'abc', { room: named('team') }), await desk.send(ann, 'def')]
  for (const reader of [ann, ben, admin]) expect(await show(desk, reader, shared.id)).toEqual(shared)
  for (const reader of [ann, admin]) expect(await show(desk, reader, own.id.toUpperCase())).toEqual(own)
  expect(await refusal(show(desk, cat, shared.id))).toEqual(UNKNOWN)
  expect(await refusal(show(desk, ben, own.id))).toEqual(UNKNOWN)
  expect(await refusal(show(desk, admin, 'nonsense'))).toEqual(UNKNOWN)
  expect(await refusal(show(desk, admin, '00000000-0000-4000-8000-000000000000'))).toEqual(UNKNOWN)
  expect(await refusal(desk.run(cat, { type: 'file.link', id: shared.id }))).toEqual(UNKNOWN)
  const guest = { kind: 'anonymous', address: '::1', local: true } as const
  expect(await refusal(desk.run(guest, { type: 'file.show', id: shared.id }))).toEqual({ code: 'unauthenticated' })
  // Who left, or was removed, reads it no longer. Its sender still does.
  for (const one of [ann, ben]) await desk.leave(room, one)
  expect(await refusal(show(desk, ben, shared.id))).toEqual(UNKNOWN)
  expect(await show(desk, ann, shared.id)).toEqual(shared)
})

test('[FILE-50] a newcomer of a private room reads files from joining on, of a shared one all', async () => {
  const { desk, ann, ben } = await threePeople()
  const rooms = [await desk.room('private', 'private', ann), await desk.room('shared', 'shared', ann)]
  const before = [
    await desk.send(ann, 'abc', { room: named('private') }),
    await desk.send(ann, 'abc', { room: named('shared') }),
  ]
  desk.clock.advance(1)
  for (const room of rooms) await desk.join(room, ben)
  const after = await desk.send(ann, 'abc', { room: named('private') })
  expect(await refusal(show(desk, ben, before[0]?.id ?? ''))).toEqual(UNKNOWN)
  expect(await show(desk, ben, before[1]?.id ?? '')).toEqual(before[1])
  expect(await show(desk, ben, after.id)).toEqual(after)
})

test('[FILE-51] a link lets whoever has it read the file, for five minutes', async () => {
  const { desk, ann } = await threePeople()
  const file = await desk.send(ann, 'abc')
  const { token, expiresIn } = await desk.run(ann, { type: 'file.link', id: file.id })
  expect([expiresIn, token]).toEqual([300, expect.stringMatching(/^[\w.-]+$/)])
  const guest = { kind: 'anonymous', address: '::1', local: false } as const
  const open = (token: string) => desk.run(guest, { type: 'file.by_link', token })
  desk.clock.advance(299_999)
  expect(await open(token)).toEqual(file)
  desk.clock.advance(1)
  expect(await refusal(open(token))).toEqual({ code: 'token_refused' })
})

test('[FILE-51] a link that was changed, or made up, opens nothing', async () => {
  const { desk, ann, ben } = await threePeople()
  const [file, other] = [await desk.send(ann, 'abc'), await desk.send(ben, 'def')]
  const { token } = await desk.run(ann, { type: 'file.link', id: file.id })
  const [id = '', end = '', user = '', signature = ''] = token.split('.')
  const forged = [
    [other.id, end, user, signature],
    [id, String(Number(end) + 1), user, signature],
    [id, end, ben.user.id, signature],
    [id, end, user, signature.replace(/.$/, last => (last === '0' ? '1' : '0'))],
    [id, end, user, ''],
    [id, end, user],
    [id, 'Infinity', user, signature],
  ]
  for (const parts of [...forged, [''], ['...'], ['x'.repeat(1_000)]])
    expect(await refusal(desk.run(ann, { type: 'file.by_link', token: parts.join('.') }))).toEqual({
      code: 'token_refused',
    })
})

test('[FILE-51] a link dies with the right of who made it', async () => {
  const { desk, ann, ben } = await threePeople()
  const room = await desk.room('team', 'shared', ann)
  await desk.join(room, ben)
  const file = await desk.send(ann, 'abc', { room: named('team') })
  const link = async (as: Member) => (await desk.run(as, { type: 'file.link', id: file.id })).token
  const [anns, bens] = [await link(ann), await link(ben)]
  await desk.leave(room, ben)
  expect(await refusal(desk.run(ann, { type: 'file.by_link', token: bens }))).toEqual({ code: 'token_refused' })
  expect((await desk.run(ben, { type: 'file.by_link', token: anns })).id).toBe(file.id)
  await desk.run({ kind: 'operator' }, { type: 'admin.delete', ref: 'ann' })
  expect(await refusal(desk.run(ben, { type: 'file.by_link', token: anns }))).toEqual({ code: 'token_refused' })
})

test('[FILE-60] the sweep ends uploads that were left for a day, and leaves younger ones', async () => {
  const { desk, ann } = await threePeople()
  const old = await desk.begin(ann)
  await desk.put(ann, old, 0, 1, 'abcdef')
  desk.clock.advance(3_600_000)
  const young = await desk.begin(ann)
  await desk.put(ann, young, 0, 2, 'abc')
  desk.clock.advance(23 * 3_600_000)
  expect(await desk.sweep()).toEqual({ uploads: 0, files: 0 })
  desk.clock.advance(1)
  expect(await desk.sweep()).toEqual({ uploads: 1, files: 0 })
  expect(await refusal(desk.finish(ann, old))).toEqual({ code: 'upload_unknown' })
  expect(await desk.kept()).toEqual({ uploads: [young], files: [] })
  await desk.put(ann, young, 1, 2, 'def')
  expect((await desk.finish(ann, young)).file.size).toBe(6)
})

test('[FILE-60] the sweep throws away bytes that a crash left without a row, and nothing else', async () => {
  const { desk, ann } = await threePeople()
  const file = await desk.send(ann, 'abc')
  // Crashed between row and bytes: of a cancelled upload, of a file that was forgotten, of one whose pieces were still there.
  const [lost, forgotten] = [await desk.begin(ann), await desk.send(ann, 'def')]
  await desk.put(ann, lost, 0, 1, 'abcdef')
  await desk.context.commits.run({ type: 'upload.drop', id: lost })
  await desk.context.commits.run({ type: 'file.drop', id: forgotten.id })
  await desk.files.putChunk(file.id, 0, Buffer.from('abc'))
  // Crashed between bytes and row: the upload is still there, and is finished later.
  const open = await desk.begin(ann)
  await desk.put(ann, open, 0, 1, 'abcdef')
  await desk.files.assemble(open, 1)
  expect(await desk.sweep()).toEqual({ uploads: 0, files: 3 })
  const { uploads, files } = await desk.kept()
  expect([uploads, files.toSorted()]).toEqual([[open], [file.id, open].toSorted()])
  expect((await desk.finish(ann, open)).file.size).toBe(6)
  expect(await refusal(desk.run(ann, { type: 'uploads.sweep' }))).toEqual({ code: 'admin_only' })
})

test('[FILE-61] the files of a deleted room are forgotten, however many', async () => {
  const { desk, ann } = await threePeople()
  await desk.room('team', 'shared', ann)
  const kept = await desk.send(ann, 'abc')
  const files: FileId[] = []
  for (let i = 0; i < 101; i++) files.push((await desk.send(ann, 'abc', { room: named('team') })).id)
  await desk.run(ann, { type: 'room.delete', ref: named('team') })
  await desk.untilKept(1)
  expect(await desk.kept()).toEqual({ uploads: [], files: [kept.id] })
  expect(await desk.store.file(files[0] as FileId)).toBeUndefined()
})

test('[FILE-61] so are those of a conversation', async () => {
  const { desk, ann } = await threePeople()
  const opened = await desk.context.commits.run({
    ...{ type: 'conversation.open', owner: ann.user.id, room: { own: testIds.uuid() as RoomId } }, // a fresh uuid is one
    ...{ title: null, at: desk.clock.now() },
  })
  const { number } = opened.conversation
  const file = await desk.send(ann, 'abc', { room: { by: 'conversation', number } })
  expect(file.room).toBe(opened.room.id)
  await desk.run(ann, { type: 'conversations.delete', number })
  await desk.untilKept(0)
  expect(await refusal(show(desk, ann, file.id))).toEqual(UNKNOWN)
})
