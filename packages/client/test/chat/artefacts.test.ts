import { afterAll, beforeAll, expect, test } from 'vitest'
import { saveFor } from '../../../server/test/artefacts.ts'
import { openSite, type Person, type Site } from '../../../server/test/http/site.ts'
import { ChatClient, ChatError } from '../../src/chat/index.ts'

// The server itself, in this process: it alone can save what an agent would.
let site: Site
let ann: Person
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
})
afterAll(() => site[Symbol.asyncDispose]())

const open = ({ key }: Person) => new ChatClient({ url: `http://127.0.0.1:${site.port}`, apiKey: key })
const code = (doing: Promise<unknown>) =>
  doing.then(
    () => 'done',
    error => (error instanceof ChatError ? error.code : error),
  )

test('[CHAT-53] artefacts are listed, read, changed, restored, exported and deleted', async () => {
  await using client = open(ann)
  const { artefacts } = client
  const room = await site.as(ann, { type: 'room.make', label: 'a/b', name: null, kind: 'group' })
  const data = { title: 'Ash', plot: 'It burns.' }
  const { id } = await saveFor(site.core, ann.user, room, { data })
  expect((await artefacts.kinds()).map(({ save_tool }) => save_tool)).toContain('save_plot')
  const { items, total } = await artefacts.list({ room: 'a/b', kind: 'plot', limit: 1 })
  expect([items[0]?.id, total]).toEqual([id, 1])
  expect(await artefacts.list({ kind: 'author' })).toEqual({ items: [], total: 0 })
  expect(await artefacts.show(id)).toMatchObject({ title: 'Ash', version: 1, data, links: [] })
  const changed = await artefacts.change(id, { title: 'Snow', genre: 'x' }, { expectedVersion: 1 })
  expect(changed).toMatchObject({ version: 2, data: { title: 'Snow', genre: 'x' } })
  expect(await code(artefacts.change(id, { genre: null }, { expectedVersion: 1 }))).toBe('CONFLICT')
  expect(await code(artefacts.change(id, { genre: 7 }))).toBe('INVALID')
  expect((await artefacts.versions(id, { offset: 1 })).items).toMatchObject([{ version: 1, title: 'Ash' }])
  expect((await artefacts.show(id, 1)).data).toEqual(data)
  expect(await artefacts.restore(id, 1)).toMatchObject({ version: 3, data })
  expect(await (await artefacts.export(id)).text()).toMatch(/^# Ash\n/)
  const book = await artefacts.export({ room: 'a/b' }, 'epub')
  expect(book.type).toBe('application/epub+zip')
  expect((await book.bytes()).subarray(30, 38)).toEqual(new TextEncoder().encode('mimetype'))
  await using other = open(await site.person('ben'))
  for (const doing of [other.artefacts.show(id), other.artefacts.export(id), other.artefacts.delete(id)])
    expect(await code(doing)).toBe('NOT_FOUND')
  await artefacts.delete(id)
  expect(await code(artefacts.show(id))).toBe('NOT_FOUND')
})
