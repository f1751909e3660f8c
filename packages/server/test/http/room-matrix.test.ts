import { expect, it } from 'vitest'
import { ROOM_CASES } from './room-cases.ts'
import { CELLS, expectedOf, openArena, openScene, type Scene } from './room-world.ts'

async function asked(name: string, scene: Scene, key: string | undefined): Promise<number> {
  const { site } = scene
  const [method = '', pattern = ''] = name.split(' ')
  const { params = {}, body } = (await ROOM_CASES[name]?.request?.(scene)) ?? {}
  const given: Readonly<Record<string, string>> = { room_id: encodeURIComponent(scene.label), ...params }
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, part: string) => given[part] ?? '')
  return (await site.ask(method, path, { key, body })).status
}

it.each(Object.entries(ROOM_CASES))('[HTTP-114] who may, by role and membership: %s', async (name, { expects }) => {
  await using site = await openArena()
  for (const cell of CELLS) {
    const scene = await openScene(site, cell)
    const status = await asked(name, scene, scene.caller.key)
    expect([cell, status]).toEqual([cell, expectedOf(expects, cell.role, cell.membership)])
  }
  const scene = await openScene(site, { role: 'member', membership: 'owner' })
  expect([await asked(name, scene, undefined), await asked(name, scene, 'junk')]).toEqual([401, 401])
})

it('[HTTP-114] everybody but an outsider puts themselves out', async () => {
  await using site = await openArena()
  for (const cell of CELLS) {
    const { caller, label } = await openScene(site, cell)
    const path = `/api/v1/ws/rooms/${encodeURIComponent(label)}/members/${caller.user.id}`
    const { status } = await site.ask('DELETE', path, { key: caller.key })
    const isIn = cell.membership === 'owner' || cell.membership === 'member'
    expect([cell, status]).toEqual([cell, isIn ? 200 : 403])
  }
})
