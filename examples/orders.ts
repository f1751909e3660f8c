// Lets the assistant use an API: starts the orders of examples/orders, and prints which tools it becomes at a server with that tools file.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { ordersApi } from './orders/api.ts'
import { example } from './support/example.ts'

interface Tools {
  readonly tools_description: readonly { readonly name: string; readonly description: string }[]
  readonly tools_metadata: Readonly<Record<string, { readonly effect: 'read' | 'write' }>>
}

async function main() {
  const api = ordersApi().listen(Number(process.env.ORDERS_PORT ?? 9000), '127.0.0.1')
  process.once('SIGINT', () => api.close())

  const url = process.env.PARLEY_URL ?? 'http://127.0.0.1:8000'
  const answer = await fetch(`${url}/bedrock-chat/tools`)
  const { tools_description: tools, tools_metadata: more }: Tools = await answer.json()
  for (const { name, description } of tools) console.log(`${name} (${more[name]?.effect}): ${description}`)
  console.log('Orders are served until Ctrl-C')
}

// --- the check: `node examples/orders.ts`

const TOOLS_FILE = fileURLToPath(new URL('orders/tools.json', import.meta.url))

await example(
  import.meta,
  main,
  async ({ start, ann }) => {
    const program = await start({ env: { ...ann.env, ORDERS_PORT: '0' } })
    await program.prints('listOrders (read): Lists the orders of the person who asks')
    await program.prints('placeOrder (write): ')
    await program.prints('getOrder (read): ')
    await program.prints('cancelOrder (write): ')
    await program.prints('Orders are served')
    assert.equal(program.output().match(/^\w+ \((?:read|write)\)/gm)?.length, 4)
    await program.interrupt()
  },
  { settings: { TOOLS_FILE } },
)
