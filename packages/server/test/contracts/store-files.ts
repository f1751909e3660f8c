import { expect } from 'vitest'
import type { StoredFile, Upload } from '../../src/core/file.ts'
import type { FileId, RoomId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { groupOf } from './store-runs.ts'
import { digestOf, newId, type OpenStore, START, type World } from './store-world.ts'

async function filesIn(world: World) {
  const { write, store } = world
  const ann = await world.person('ann')

  const newUpload = (over: Partial<Upload> = {}): Upload => ({
    ...{ id: newId<FileId>(), owner: ann.id, room: store.lobby, name: 'Plan “A” 🤖.pdf', size: 100 },
    ...{ mimeType: 'application/pdf', startedAt: START },
    ...over,
  })
  const beginning = (upload: Upload, quota: number | null = null, total: number | null = null) =>
    ({ type: 'upload.begin', upload, quota, total }) as const
  async function begin(over: Partial<Upload> = {}): Promise<Upload> {
    const upload = newUpload(over)
    await write(beginning(upload))
    return upload
  }
  const fileOf = ({ id, owner, room, name, size, mimeType }: Upload, storedAt = START): StoredFile => ({
    ...{ id, owner, room, name, size, mimeType, sniffed: 'image/png', checksum: digestOf(id), storedAt },
  })
  async function add(over: Partial<Upload> = {}, storedAt = START): Promise<StoredFile> {
    const file = fileOf(await begin(over), storedAt)
    await write({ type: 'file.add', file })
    return file
  }
  /** Whether an upload of `size` more fits under both limits. */
  async function fits(size: number, quota: number | null, total: number | null, owner: User = ann): Promise<boolean> {
    const upload = newUpload({ size, owner: owner.id })
    const outcome = await world.outcome(beginning(upload, quota, total))
    if (outcome.state === 'done') await write({ type: 'upload.drop', id: upload.id })
    else expect(outcome.refusal).toEqual({ code: 'storage_insufficient' })
    return outcome.state === 'done'
  }
  return { ...world, ann, newUpload, beginning, begin, fileOf, add, fits }
}

export function fileRules(open: OpenStore): void {
  rule(open, '[STORE-140] an upload is there until it is dropped or a file', async world => {
    const { store, write, refusal, begin, beginning, newUpload, fileOf } = await filesIn(world)
    const [a, b] = [await begin(), await begin({ room: null, size: 0 })]
    expect([await store.upload(a.id), await store.upload(b.id)]).toEqual([a, b])
    expect(await refusal(beginning({ ...newUpload(), id: a.id }))).toEqual({ code: 'id_conflict' })
    await write({ type: 'upload.drop', id: a.id })
    expect(await refusal({ type: 'upload.drop', id: a.id })).toEqual({ code: 'upload_unknown' })
    expect(await refusal({ type: 'file.add', file: fileOf(a) })).toEqual({ code: 'upload_unknown' })
    await write({ type: 'file.add', file: fileOf(b) })
    expect([await store.upload(a.id), await store.upload(b.id)]).toEqual([undefined, undefined])
    expect([await store.file(a.id), await store.file(b.id)]).toEqual([undefined, fileOf(b)])
    expect(await refusal({ type: 'file.add', file: fileOf(b) })).toEqual({ code: 'upload_unknown' })
    expect(await refusal(beginning({ ...newUpload(), id: b.id }))).toEqual({ code: 'id_conflict' })
  })

  rule(open, '[STORE-141] files and open uploads count against the quota of their owner and of all', async world => {
    const { write, person, ann, begin, add, fits } = await filesIn(world)
    const ben = await person('ben')
    const upload = await begin({ size: 30 })
    const file = await add({ size: 50 })
    await add({ size: 1_000, owner: ben.id, room: null })
    expect([await fits(20, 100, null), await fits(21, 100, null)]).toEqual([true, false])
    expect([await fits(20, null, 1_100), await fits(21, null, 1_100)]).toEqual([true, false])
    expect([await fits(20, 100, 1_100), await fits(1, 1_000, null, ben)]).toEqual([true, false])
    await write({ type: 'upload.drop', id: upload.id })
    expect([await fits(50, 100, 1_100), await fits(51, 100, null), await fits(51, null, 1_100)]).toEqual([
      true,
      false,
      false,
    ])
    await write({ type: 'file.drop', id: file.id })
    expect([await fits(100, 100, 1_100), await fits(101, 100, null)]).toEqual([true, false])
    expect(await fits(Number.MAX_SAFE_INTEGER - 10_000, null, null)).toBe(true)
    expect(ann.id).not.toBe(ben.id)
  })

  rule(open, '[STORE-142] a new file is told in its room, as one of its events', async world => {
    const { store, write, begin, fileOf, send, ann } = await filesIn(world)
    await send(ann, { at: START + 10 })
    const file = fileOf(await begin(), START + 5)
    expect(await write({ type: 'file.add', file })).toEqual({ seq: 2, at: START + 10 })
    expect(await store.log(store.lobby, 1, 10)).toEqual([{ seq: 2, at: START + 10, type: 'file.added', file }])
    expect((await send(ann)).seq).toBe(3)
    const loose = fileOf(await begin({ room: null }), START + 7)
    expect(await write({ type: 'file.add', file: loose })).toEqual({ seq: 0, at: START + 7 })
    expect(await store.heads([store.lobby])).toEqual([3])
  })

  rule(open, '[STORE-143] files of a room are listed in the order they were stored', async world => {
    const { store, begin, fileOf, write, add } = await filesIn(world)
    const first = await begin()
    const files = [await add(), await add(), await add()]
    await add({ room: null })
    const last = fileOf(first)
    await write({ type: 'file.add', file: last })
    const all = [...files, last]
    expect(await store.filesOf(store.lobby, null, 10)).toEqual(all)
    expect(await store.filesOf(store.lobby, null, 2)).toEqual(all.slice(0, 2))
    expect(await store.filesOf(store.lobby, all[1]!.id, 10)).toEqual(all.slice(2))
    expect(await store.filesOf(store.lobby, last.id, 10)).toEqual([])
    expect(await store.filesOf(newId<RoomId>(), null, 10)).toEqual([])
  })

  rule(open, '[STORE-144] uploads that began before a moment are listed oldest first', async world => {
    const { store, begin, add } = await filesIn(world)
    const uploads = []
    for (const at of [30, 10, 20, 40]) uploads.push(await begin({ startedAt: START + at }))
    await add({ startedAt: START })
    const [a, b, c] = [uploads[1]!, uploads[2]!, uploads[0]!]
    expect(await store.uploads(START + 40, 10)).toEqual([a, b, c])
    expect(await store.uploads(START + 40, 2)).toEqual([a, b])
    expect(await store.uploads(START + 10, 10)).toEqual([])
  })

  rule(open, '[STORE-145] of a file that was dropped the log keeps the place alone', async world => {
    const { store, write, refusal, add, begin, fileOf } = await filesIn(world)
    const file = await add()
    await write({ type: 'file.drop', id: file.id })
    expect(await store.file(file.id)).toBeUndefined()
    expect(await store.filesOf(store.lobby, null, 10)).toEqual([])
    expect(await store.log(store.lobby, 0, 10)).toEqual([{ seq: 1, at: START, type: 'gone' }])
    expect(await refusal({ type: 'file.drop', id: file.id })).toEqual({ code: 'file_unknown' })
    // Its number is not given again: the row in the log would show another file.
    const next = fileOf(await begin({ room: null }))
    await write({ type: 'file.add', file: next })
    expect(await store.log(store.lobby, 0, 10)).toMatchObject([{ type: 'gone' }])
  })

  rule(open, '[STORE-146] a deleted room is told of no file, and its files are erased with it', async world => {
    const { store, write, ann, add, begin, fileOf, fits } = await filesIn(world)
    const room = await groupOf(world, ann)
    const [file, kept] = [await add({ room, size: 40 }), await add({ size: 7 })]
    const [upload, late] = [await begin({ room, size: 20 }), await begin({ room, size: 30 })]
    await write({ type: 'room.delete', room, at: START })
    const [head] = await store.heads([room])
    expect(await write({ type: 'file.add', file: fileOf(late) })).toMatchObject({ seq: 0 })
    expect(await store.heads([room])).toEqual([head])
    // Nothing of it is found, erased or not.
    expect([await store.file(file.id), await store.filesOf(room, null, 10)]).toEqual([undefined, []])
    expect((await store.log(room, 0, 10)).map(row => row.type)).toEqual(['member.joined', 'gone', 'room.deleted'])
    while ((await write({ type: 'room.erase', room, limit: 2 })).removed > 0);
    expect(await store.filesOf(room, null, 10)).toEqual([])
    expect([await store.file(file.id), await store.file(late.id), await store.upload(upload.id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(await store.file(kept.id)).toEqual(kept)
    expect([await fits(93, 100, 100), await fits(94, 100, null), await fits(94, null, 100)]).toEqual([
      true,
      false,
      false,
    ])
  })
}
