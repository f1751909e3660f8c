import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ARTEFACT_VERSIONS_MAX } from '../../src/core/artefact.ts'
import type { RoomId } from '../../src/core/ids.ts'
import type { Room } from '../../src/core/room.ts'
import { type Saving, saveFor } from '../artefacts.ts'
import { unseen } from './contract.ts'
import { openSite, type Person, type Site } from './site.ts'

let site: Site
let ann: Person
let ben: Person
let talk: Room
let group: Room
beforeAll(async () => {
  site = await openSite()
  ann = await site.person('ann')
  ben = await site.person('ben')
  const { commits, ids } = site.core.context
  const own = ids.uuid() as RoomId // a fresh uuid is what a room id is
  const opening = { type: 'conversation.open', owner: ann.user.id, room: { own }, title: null, at: 0 } as const
  talk = (await commits.run(opening)).room
  group = await site.as(ann, { type: 'room.make', label: 'a/b', name: null, kind: 'group' })
  await site.as(ann, { type: 'members.add', ref: { by: 'id', id: group.id }, user: ben.user.id })
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

const ask = (as: Person, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  site.ask(method, `/api/v1/artefacts${path}`, { key: as.key, body, headers })
const save = (saving: Saving = {}, room = talk) => saveFor(site.core, ann.user, room, saving)
const NOBODYS = '01890000-0000-7000-8000-000000000000'

it('[ART-50] kinds say what there is, as JSON Schema', async () => {
  const { status, body } = await ask(ann, 'GET', '/kinds')
  expect(status).toBe(200)
  expect(body.kinds.map(({ team, kind }: Record<string, string>) => `${team}/${kind}`)).toEqual([
    ...['books/author', 'books/world_building', 'books/characters', 'books/plot'],
    ...['helpdesk/ticket', 'helpdesk/article'],
  ])
  expect(body.kinds[3]).toMatchObject({
    ...{ title: 'Plot', title_field: 'title', save_tool: 'save_plot', links: { author: 'author' } },
    schema: { type: 'object', required: ['title', 'plot'], additionalProperties: false },
  })
  expect((await site.ask('GET', '/api/v1/artefacts/kinds')).status).toBe(401)
})

it('[ART-51] they are listed, shown, changed and deleted', async () => {
  const author = await save({ kind: 'author', data: { name: 'Ursula', biography: 'x' } })
  const { id } = await save({ data: { title: 'Ash', plot: 'x', author: author.id } })
  await save({}, group)
  const info = {
    ...{ id, team: 'books', kind: 'plot', title: 'Ash', version: 1, room: talk.id, conversation_id: talk.conversation },
    ...{ owner: { user_id: ann.user.id, username: 'ann' }, room_id: `conversation:${talk.conversation}` },
  }
  const listed = await ask(ann, 'GET', `?conversation=${talk.conversation}&kind=plot&limit=1`)
  expect(listed.body).toMatchObject({ total: 1, artefacts: [info] })
  const inRoom = `?room=${encodeURIComponent('a/b')}`
  expect((await ask(ben, 'GET', inRoom)).body).toMatchObject({ total: 1, artefacts: [{ room_id: 'a/b' }] })
  expect((await ask(ben, 'GET', '')).body).toEqual({ artefacts: [], total: 0 })
  expect((await ask(ann, 'GET', `?room=conversation:${talk.conversation}&offset=1`)).body.artefacts).toHaveLength(1)
  const shown = (await ask(ann, 'GET', `/${id}`)).body
  const link = { field: 'author', id: author.id, kind: 'author', title: 'Ursula' }
  expect(shown).toMatchObject({ ...info, data: { title: 'Ash', plot: 'x', author: author.id }, links: [link] })
  const patch = { data: { genre: 'fantasy', author: null }, expected_version: 1 }
  const changed = await ask(ann, 'PATCH', `/${id}`, patch)
  expect(changed.body).toMatchObject({ version: 2, data: { title: 'Ash', plot: 'x', genre: 'fantasy' }, links: [] })
  const late = await ask(ann, 'PATCH', `/${id}`, patch)
  expect([late.status, late.body.error.message]).toEqual([409, 'It was changed meanwhile, to version 2'])
  const wrong = await ask(ann, 'PATCH', `/${id}`, { data: { genre: 7, more: 1 } })
  expect([wrong.status, wrong.body.error.details]).toEqual([
    422,
    [{ loc: ['body', 'data'], msg: 'genre should be a text; more is no field of this', type: 'value_error' }],
  ])
  const { body } = await ask(ann, 'GET', `/${id}/versions?limit=9`)
  expect(body.versions).toMatchObject([
    { version: 2, changed_by: { username: 'ann' } },
    { version: 1, changed_by: null },
  ])
  expect((await ask(ann, 'GET', `/${id}?version=1`)).body).toMatchObject({ version: 1, data: shown.data, links: [] })
  expect((await ask(ann, 'POST', `/${id}/versions/1/restore`)).body).toMatchObject({ version: 3, links: [link] })
  expect((await ask(ann, 'DELETE', `/${id}`)).body).toEqual({ message: 'Artefact deleted' })
  expect((await ask(ann, 'GET', `/${id}`)).status).toBe(404)
})

it('[ART-52] a document comes as a file to be saved, in each format, by its name', async () => {
  const { id } = await save({ data: { title: 'Ünï "1"', plot: 'x' } })
  const path = `http://127.0.0.1:${site.port}/api/v1/artefacts/${id}/export`
  const get = (query: string) => fetch(`${path}${query}`, { headers: { 'X-API-Key': ann.key } })
  const text = await get('')
  expect(Object.fromEntries(text.headers)).toMatchObject({
    ...{ 'content-type': 'text/markdown; charset=utf-8', 'x-content-type-options': 'nosniff' },
    ...{ 'content-security-policy': "sandbox; default-src 'none'", 'cache-control': 'private, no-cache' },
    'content-disposition': `attachment; filename="_n_ _1_.md"; filename*=UTF-8''%C3%9Cn%C3%AF%20_1_.md`,
  })
  expect(await text.text()).toMatch(/^# Ünï "1"\n/)
  expect(await (await get('?format=json')).json()).toMatchObject({ artefacts: [{ id }] })
  const book = await get('?format=epub')
  expect(book.headers.get('content-type')).toBe('application/epub+zip')
  expect(Object.keys(unzipSync(await book.bytes()))[0]).toBe('mimetype')
  expect((await ask(ann, 'GET', `/${id}/export`)).text).toMatch(/^# Ünï/)
  const part = await ask(ann, 'GET', `/${id}/export`, undefined, { Range: 'bytes=2-6' })
  expect([part.status, part.text]).toEqual([206, 'Ünï'])
  const known = await ask(ann, 'GET', `/${id}/export`, undefined, { 'If-None-Match': text.headers.get('etag') ?? '' })
  expect(known.status).toBe(304)
  const all = await ask(ann, 'GET', `/export?conversation=${talk.conversation}&format=json`)
  expect(all.body.artefacts).toHaveLength((await ask(ann, 'GET', `?conversation=${talk.conversation}`)).body.total)
  const [tag, range] = [{ 'If-None-Match': '*' }, { Range: 'bytes=0-0' }]
  expect((await ask(ann, 'GET', '/export', undefined, tag)).status).toBe(304)
  expect((await ask(ann, 'GET', '/export', undefined, range)).status).toBe(206)
})

it('[ART-53] every refusal has its status', async () => {
  const { id, ...saved } = await save({}, group)
  const paths = [`/${id}`, `/${id}/versions`, `/${id}/export`]
  const of = (as: Person, method: string, path: string, body?: object) =>
    ask(as, method, path, body).then(({ status }) => status)
  for (const path of [...paths, '', '/export']) {
    expect((await site.ask('GET', `/api/v1/artefacts${path}`)).status).toBe(401)
    const odd = path === `/${id}` ? 'version=x' : path.endsWith('export') ? 'format=pdf' : 'limit=x'
    expect(await of(ann, 'GET', `${path}?${odd}`)).toBe(422)
  }
  const writes = [
    ['PATCH', `/${id}`, { data: {} }],
    ['DELETE', `/${id}`],
    ['POST', `/${id}/versions/1/restore`],
  ] as const
  for (const [method, path, body] of writes) {
    expect((await site.ask(method, `/api/v1/artefacts${path}`, { body })).status).toBe(401)
    expect(await of(ben, method, path, body)).toBe(403)
    expect(await of(ann, method, path.replace(id, NOBODYS), body)).toBe(404)
  }
  for (const path of paths) expect(await of(ann, 'GET', path.replace(id, 'x'))).toBe(404)
  expect(await of(ben, 'GET', `/${id}/versions`)).toBe(403)
  expect(await of(ben, 'GET', `/${id}?version=7`)).toBe(403)
  for (const path of ['', '/export']) {
    expect(await of(ben, 'GET', `${path}?room=none`)).toBe(404)
    const label = (await site.as(ann, { type: 'room.make', label: null, name: null, kind: 'group' })).label
    expect(await of(ben, 'GET', `${path}?room=${label}`)).toBe(403)
  }
  const none = await ask(ben, 'GET', '/export')
  expect([none.status, none.body.error.message]).toEqual([404, 'There are no such artefacts'])
  for (const path of [`/${id}/export`, `/export?room=a%2Fb`])
    expect((await ask(ann, 'GET', path, undefined, { Range: 'bytes=9999-' })).status).toBe(416)
  expect(await of(ann, 'PATCH', `/${id}`, { data: { plot: 'x'.repeat(300_000) } })).toBe(413)
  expect(await of(ann, 'PATCH', `/${id}`, { data: [] })).toBe(422)
  const headers = { 'Content-Type': 'application/json' }
  for (const name of ['plot', 'x']) {
    const raw = `{"data":{"${name}":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
    const { status } = await site.ask('PATCH', `/api/v1/artefacts/${id}`, { key: ann.key, headers, raw })
    expect(status).toBe(422)
  }

  const { commits } = site.core.context
  const artefact = { ...saved, id }
  const put = (expected: number, title: string, data: object) =>
    commits.run({
      type: 'artefact.change',
      ...artefact,
      expected,
      by: ann.user.id,
      at: 0,
      title,
      data: data as never,
      links: [],
    })
  await put(1, 'odd', { odd: 1 })
  await put(2, 'fits', { title: 'fits', plot: 'x' })
  await put(3, 'last', { title: 'last', plot: 'x' })
  expect(await of(ann, 'POST', `/${id}/versions/2/restore`)).toBe(422)
  expect(await of(ann, 'POST', `/${id}/versions/x/restore`)).toBe(404)
  // Somebody else changes it just then.
  const { store } = site.core.context
  const { artefactVersion } = store
  store.artefactVersion = async (...asked) => {
    await put(4, 'then', { title: 'then', plot: 'x' })
    return artefactVersion(...asked)
  }
  expect(await of(ann, 'POST', `/${id}/versions/1/restore`)).toBe(409)
  store.artefactVersion = artefactVersion
  await Promise.all(
    Array.from({ length: ARTEFACT_VERSIONS_MAX - 5 }, (_, n) => put(n + 5, 'n', { title: 'n', plot: 'x' })),
  )
  expect(await of(ann, 'POST', `/${id}/versions/1/restore`)).toBe(507)
  expect(await of(ann, 'PATCH', `/${id}`, { data: { genre: 'x' } })).toBe(507)
})

it('[ART-53] what is too large for one document is 413', async () => {
  const world = await save({ kind: 'world_building', data: { title: 'x', overview: 'y' } })
  const long = {
    title: 'x',
    plot: 'x'.repeat(50_000),
    chapters: Array(70).fill({ title: 'x', summary: 'y'.repeat(2_000) }),
  }
  const plots = []
  for (let n = 0; n < 11; n++) plots.push(await save({ data: long }))
  expect((await ask(ann, 'GET', '/export')).status).toBe(413)
  // One that links to many of them, as no kind of today can.
  const { commits } = site.core.context
  const links = plots.map(({ id }) => ({ field: 'world', to: id }))
  const content = { title: 'x', data: world.data, links }
  await commits.run({ type: 'artefact.change', id: world.id, expected: 1, by: ann.user.id, at: 0, ...content })
  expect((await ask(ann, 'GET', `/${world.id}/export`)).status).toBe(413)
})

it('[HTTP-12] every documented answer was seen', () => expect(unseen('Artefacts')).toEqual([]))
