import { expect, test } from 'vitest'
import type { Tool } from '../../../src/agents/tools/tool.ts'
import { createToolbox, type Service } from '../../../src/agents/tools/toolbox.ts'
import type { Question } from '../../../src/core/ports/agents.ts'
import type { Role } from '../../../src/core/user.ts'
import { ask } from '../question.ts'
import { use } from './service.ts'

const tool = (name: string, says = name): Tool & { place: null } => ({
  ...{ name, description: '', parameters: {}, effect: 'read', isPersonal: false, timeLimit: 1, place: null },
  run: async () => says,
})

const service = (name: string, names: readonly string[], isFor: Service['isFor'] = () => true): Service => {
  const tools = names.map(one => tool(one, `${name}: ${one}`))
  return { name, restrictions: { allowed: 0, excluded: 0 }, tools: () => tools, isFor, close: () => undefined }
}

const asked = (role: Role = 'member'): Question => ({ ...ask('What?'), asker: { ...ask('').asker, role } })

const many = (count: number) => Array.from({ length: count }, (_, i) => `tool${i}`)

test('[OPENAPI-20] a name that two have, or that is built in, gets the name of its service', async () => {
  const services = [service('orders', ['find', 'list']), service('stock', ['find', 'search'])]
  const builtIn = { toolsFor: async () => [tool('search', 'built in')] }
  const tools = await createToolbox([builtIn], services, () => undefined).toolsFor(asked())
  expect(tools.map(({ name }) => name)).toEqual(['search', 'orders_find', 'list', 'stock_find', 'stock_search'])
  expect(await Promise.all(tools.map(one => use(one)))).toEqual([
    ...['built in', 'orders: find', 'orders: list', 'stock: find', 'stock: search'],
  ])
})

test('[OPENAPI-20] a name made so is that of one tool, and does not depend on who asks', async () => {
  const services = [service('a', ['x', 'b_x']), service('b', ['x'], ({ role }) => role !== 'guest')]
  const toolbox = createToolbox([], services, () => undefined)
  expect((await toolbox.toolsFor(asked())).map(({ name }) => name)).toEqual(['a_x', 'b_x', 'b_x_2'])
  expect((await toolbox.toolsFor(asked('guest'))).map(({ name }) => name)).toEqual(['a_x', 'b_x'])
})

test('[OPENAPI-25] a service that would make too many is left out whole, which is told once', async () => {
  const left: string[] = []
  const services = [service('a', many(100)), service('b', many(29)), service('c', many(28))]
  const toolbox = createToolbox([], services, name => left.push(name))
  expect(await toolbox.toolsFor(asked())).toHaveLength(128)
  await toolbox.toolsFor(asked())
  expect(left).toEqual(['b'])
  expect(toolbox.list()).toHaveLength(157)
})
