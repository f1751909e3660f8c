import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ordersApi, type TOKENS } from '../../../../examples/orders/api.ts'
import { createApprovals } from '../../src/agents/tools/approvals.ts'
import type { JsonObject, ToolSource } from '../../src/agents/tools/tool.ts'
import { readSettings } from '../../src/config.ts'
import { readAllowed } from '../../src/outbound/allowed.ts'
import { createGuardedCalls } from '../../src/outbound/guarded.ts'
import { createOperatorCalls } from '../../src/outbound/operator.ts'
import { silent } from '../../src/sessions/observe.ts'
import { openAssistant } from '../../src/start/models.ts'
import { openTools } from '../../src/start/tools.ts'
import { type Asked, begin, called, ended, type Reply, said, serve } from '../agents/models/server.ts'
import { folder } from '../system/folder.ts'
import { openWorld, type World, type WorldOptions } from '../world.ts'

const DOCUMENT = new URL('../../../../examples/orders/openapi.json', import.meta.url).pathname

/** What people may say, and the call that a model makes of it. */
const WISHES: readonly (readonly [RegExp, (id: number) => readonly [name: string, args: JsonObject]])[] = [
  [/show me order (\d+)/, id => ['getOrder', { id }]],
  [/cancel order (\d+)/, id => ['cancelOrder', { id }]],
  [/order (two) mugs/, () => ['placeOrder', { body: { item: 'mugs', quantity: 2 } }]],
]

/** The last message that a model was sent. */
export function lastOf({ body: { messages = [] } }: Pick<Asked, 'body'>) {
  const { role, content } = messages.at(-1) as { role: string; content: unknown } // as OpenAI has it
  return { role, text: typeof content === 'string' ? content : JSON.stringify(content) }
}

/** A model that calls a tool where it is asked for orders, and else says what it was told last. */
export const orderModel: Reply = (response, asked) => {
  const { role, text } = lastOf(asked)
  for (const [words, callFor] of role === 'user' ? WISHES : []) {
    const found = words.exec(text)
    if (!found) continue
    const [name, args] = callFor(Number(found[1]))
    return begin(response, called(0, JSON.stringify(args), name)).end(ended('tool_calls'))
  }
  return begin(response, said(`I was told ${text}`)).end(ended())
}

/** The service of the example, on a port of its own. */
export async function openOrders() {
  const server = ordersApi().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a server on a port has one
  return {
    url,
    /** The ids and items that are somebody's there. */
    async of(token: (typeof TOKENS)[keyof typeof TOKENS]) {
      const response = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } })
      const orders = (await response.json()) as { id: number; item: string; quantity: number }[] // the example's
      return orders.map(({ id, item, quantity }) => [id, item, quantity])
    },
  }
}

/** The tools file of the example, for a service at `url`. */
function toolsFile(url: string): string {
  const file = join(folder(), 'tools.json')
  const service = { name: 'orders', document: DOCUMENT, server: url, forward_credentials: true }
  writeFileSync(file, JSON.stringify({ openapi: [service] }))
  return file
}

/** A server whose assistant is a model at `url`, the guide for null, that may use these tools. */
export async function openAnswering(url: string | null, sources: readonly ToolSource[], options: WorldOptions = {}) {
  const calls = createOperatorCalls()
  const model = { OPENAI_COMPATIBLE_URL: url ?? '', MODEL_DEFAULT: 'compatible/m' }
  const settings = readSettings(url === null ? { MODEL_PROBE: 'off' } : model)
  const approvals = createApprovals(() => world.core)
  const { runner } = await openAssistant(settings, calls.fetch, silent, { sources, approvals })
  const world: World = await openWorld({ agents: runner, ...options })
  onTestFinished(() => calls.close())
  return world
}

/** The same with the orders at `orders` for tools. */
export async function openShop(model: string | null, orders: string, options: WorldOptions = {}): Promise<World> {
  const calls = createGuardedCalls({ allowed: readAllowed('').allowed })
  const variables = { TOOLS_FILE: toolsFile(orders) }
  const tools = await openTools(readSettings(variables), variables, { calls, log: silent })
  onTestFinished(async () => {
    await tools.close()
    await calls.close()
  })
  return openAnswering(model, [tools.source], options)
}

/** The shop with its own model and orders. */
export async function opened(options: WorldOptions = {}) {
  const [model, orders] = [await serve(orderModel), await openOrders()]
  return { model, orders, world: await openShop(model.url, orders.url, options) }
}

/** The code that an answer asks its reader to approve with. */
export function codeIn(text: unknown): string {
  const [, code] = /`\/approve ([2-9A-HJ-NP-Z]{8})`/.exec(String(text)) ?? []
  if (code === undefined) throw new Error(`nothing is asked for: ${text}`)
  return code
}
