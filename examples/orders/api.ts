import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'

interface Order {
  readonly id: number
  readonly owner: string
  readonly item: string
  readonly quantity: number
  readonly state: 'open' | 'shipped'
}

/** Tokens of two people, as their own system would have given them. */
export const TOKENS = { ann: 'token-of-ann', bob: 'token-of-bob' } as const

const FIRST: readonly Order[] = [
  { id: 7, owner: 'ann', item: 'teapot', quantity: 1, state: 'shipped' },
  { id: 8, owner: 'bob', item: 'kettle', quantity: 2, state: 'open' },
  { id: 9, owner: 'ann', item: 'cups', quantity: 6, state: 'open' },
]

type Answer = readonly [status: number, body?: unknown]

/** A small service with orders of people. Everybody sees and changes their own orders only. */
export function ordersApi(): Server {
  const orders = new Map(FIRST.map(order => [order.id, order]))
  return createServer(async (request, response) => {
    const [status, body] = await answer(orders, request)
    write(response, status, body)
  })
}

async function answer(orders: Map<number, Order>, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const owner = ownerOf(request)
  if (!owner) return [401, { detail: 'A bearer token is needed' }]
  const mine = [...orders.values()].filter(order => order.owner === owner)
  const [, id] = /^\/orders\/(\d+)$/.exec(pathname) ?? []
  if (id !== undefined)
    return single(
      orders,
      request.method,
      mine.find(order => order.id === Number(id)),
    )
  if (pathname !== '/orders') return [404, { detail: 'Not found' }]
  if (request.method === 'POST') return made(orders, owner, await json(request).catch(() => null))
  const state = searchParams.get('state')
  return [200, mine.filter(order => state === null || order.state === state)]
}

function ownerOf({ headers: { authorization } }: IncomingMessage): string | undefined {
  return Object.entries(TOKENS).find(([, token]) => authorization === `Bearer ${token}`)?.[0]
}

function single(orders: Map<number, Order>, method: string | undefined, order: Order | undefined): Answer {
  // An order of somebody else is one that is not there.
  if (!order) return [404, { detail: 'No such order' }]
  if (method !== 'DELETE') return [200, order]
  if (order.state === 'shipped') return [409, { detail: 'It is shipped already' }]
  orders.delete(order.id)
  return [204]
}

function made(orders: Map<number, Order>, owner: string, body: unknown): Answer {
  const { item, quantity = 1 } = (body ?? {}) as { item?: unknown; quantity?: unknown } // looked at below
  if (typeof item !== 'string' || item === '') return [422, { detail: 'item is missing' }]
  if (!Number.isInteger(quantity) || Number(quantity) < 1)
    return [422, { detail: 'quantity is no whole number from 1 on' }]
  const order: Order = { id: Math.max(0, ...orders.keys()) + 1, owner, item, quantity: Number(quantity), state: 'open' }
  orders.set(order.id, order)
  return [201, order]
}

function write(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) return void response.writeHead(status).end()
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** `node examples/orders/api.ts [PORT]` */
if (import.meta.main) {
  const port = Number(process.argv[2] ?? 9000)
  ordersApi().listen(port, '127.0.0.1', () => console.log(`Orders on http://127.0.0.1:${port}`))
}
