import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TOKENS } from '../../../../examples/orders/api.ts'
import { openSqliteStore } from '../../src/stores/sqlite/store.ts'
import { serve } from '../agents/models/server.ts'
import { inRoom } from '../approvals/agent.ts'
import { temporaryDirectory } from '../stores/temporary.ts'
import type { World } from '../world.ts'
import { AssistantClient } from './client.ts'
import { codeIn, opened, openOrders, openShop, orderModel } from './orders.ts'

const TEAPOT = { id: 7, owner: 'ann', item: 'teapot', quantity: 1, state: 'shipped' }

/** Somebody at the assistant who shows a token of the orders. */
async function shopper(world: World, token: string | null, path?: string) {
  const client = await AssistantClient.open(world, path)
  if (token !== null) await client.auth({ auth_type: 'bearer_token', token })
  return client
}

/** Asks for something that is done with a tool: the answer behind the frames that tell of its rounds. */
async function asks(client: AssistantClient, message: string) {
  client.send({ type: 'chat', message })
  for (;;) {
    const frame = await client.next()
    if (frame.type !== 'typing') return frame
  }
}

test('[ASSIST-85] an order is shown to whose token it is, to nobody else, and to nobody without one', async () => {
  const { world: open, model } = await opened()
  await using world = open
  const shown = async (token: string | null) => {
    const answer = await asks(await shopper(world, token), 'show me order 7')
    expect(answer).toMatchObject({ type: 'ai_response', metadata: { tool_call_rounds: 1, total_tool_calls: 1 } })
    return answer
  }
  const ann = await shown(TOKENS.ann)
  expect(ann.tool_results).toEqual([{ tool_call_id: 'call-1', name: 'getOrder', result: TEAPOT }])
  expect(ann.message).toBe(`I was told ${JSON.stringify(TEAPOT)}`)
  const { tool_results: bob } = await shown(TOKENS.bob)
  expect(bob).toEqual([{ tool_call_id: 'call-1', name: 'getOrder', error: 'HTTP 404: No such order' }])
  const { tool_results: nobody } = await shown(null)
  expect(nobody).toEqual([
    { tool_call_id: 'call-1', name: 'getOrder', error: expect.stringContaining('needs credentials') },
  ])
  expect(JSON.stringify(model.asked.map(({ body }) => body))).not.toContain('token-of-')
})

test('[ASSIST-85] what changes an order waits, and is done as it was shown, by an approval and by nothing else', async () => {
  const { world: open, orders } = await opened()
  await using world = open
  const ann = await shopper(world, TOKENS.ann)
  const wanted = await asks(ann, 'order two mugs')
  expect(wanted.tool_calls).toEqual([
    { id: 'call-1', name: 'placeOrder', arguments: { body: { item: 'mugs', quantity: 2 } } },
  ])
  expect(wanted.message).toContain('"body": {"item":"mugs","quantity":2}')
  const cancelled = await asks(ann, 'cancel order 9')
  expect(await orders.of(TOKENS.ann)).toHaveLength(2)
  expect(await asks(ann, `/deny ${codeIn(cancelled.message)}`)).toMatchObject({
    message: 'Denied. I did not use cancelOrder.',
  })
  const code = codeIn(wanted.message)
  const other = await asks(await shopper(world, TOKENS.ann), `/approve ${code}`)
  expect(other.message).toMatch(/^I did not ask you for/)
  expect(await orders.of(TOKENS.ann)).toHaveLength(2)
  const done = await asks(ann, `/approve ${code}`)
  expect(done.tool_results).toMatchObject([{ name: 'placeOrder', result: { id: 10, item: 'mugs', quantity: 2 } }])
  expect(done.message).toContain('"tool":"placeOrder","arguments":{"body":{"item":"mugs","quantity":2}}')
  expect((await asks(ann, `/approve ${code}`)).message).toContain('was approved already')
  expect(await orders.of(TOKENS.ann)).toEqual([
    [7, 'teapot', 1],
    [9, 'cups', 6],
    [10, 'mugs', 2],
  ])
})

test('[ASSIST-85] a restart between asking and approving changes nothing', async () => {
  await using directory = await temporaryDirectory()
  const [model, orders] = [await serve(orderModel), await openOrders()]
  const open = async (url: string | null) =>
    openShop(url, orders.url, { store: await openSqliteStore(join(directory.path, 'data')) })
  let codes: readonly string[]
  let key: string
  let session: string
  {
    await using world = await open(model.url)
    key = (await world.member('ann')).key
    const ann = await AssistantClient.open(world)
    await ann.auth({ auth_type: 'api_key', api_key: key })
    await ann.auth({ auth_type: 'bearer_token', token: TOKENS.ann })
    session = ann.session
    codes = [codeIn((await asks(ann, 'cancel order 9')).message), codeIn((await asks(ann, 'order two mugs')).message)]
  }
  const approved = async (url: string | null, code = '') => {
    await using world = await open(url)
    const ann = await shopper(world, null, `/ws/chat?session_id=${session}`)
    await ann.auth({ auth_type: 'api_key', api_key: key })
    await ann.auth({ auth_type: 'bearer_token', token: TOKENS.ann })
    return await asks(ann, `/approve ${code}`)
  }
  expect((await approved(model.url, codes[0])).tool_results).toMatchObject([{ name: 'cancelOrder' }])
  expect(await orders.of(TOKENS.ann)).toEqual([[7, 'teapot', 1]])
  // Also where no model is left.
  expect((await approved(null, codes[1])).message).toMatch(/^placeOrder gave:.*"mugs"/s)
  expect(await orders.of(TOKENS.ann)).toContainEqual([9, 'mugs', 2])
})

test('[ASSIST-85] in a room with others an order is shown only once its owner wants that, and then to them alone', async () => {
  const { world: open } = await opened()
  await using world = open
  const [ann, bob] = [await inRoom(world, await world.member('ann')), await inRoom(world, await world.member('bob'))]
  await ann.ask({ type: 'tool_credentials', data: { auth_type: 'bearer_token', token: TOKENS.ann } })
  await ann.ask({ type: 'chat', room_id: 'kitchen', data: { message: '@assistant show me order 7' } })
  const seen = await bob.wire.until(({ type, data }) => type === 'chat' && data.role === 'assistant')
  expect(seen.at(-1)?.data.content).not.toContain('"id": 7')
  const steps = seen.filter(({ type }) => type === 'run_tool').map(({ data }) => data)
  const detail = { approval: expect.any(String), expires_at: expect.any(Number) }
  expect(steps).toMatchObject([{ name: 'getOrder', state: 'waiting' }])
  expect(steps[0]?.detail).toEqual(detail)
  const { approvals } = (await ann.ask({ type: 'approvals' })).data as { approvals: { approval: string }[] }
  expect(approvals).toMatchObject([{ tool: 'getOrder', arguments: { id: 7 }, why: 'show' }])
  const approval = approvals[0]!.approval
  const decided = await ann.ask({ type: 'decide', data: { approval, decision: 'approve', privately: true } })
  const answered = await ann.wire.until(
    ({ type, data, room_id }) => type === 'chat' && data.role === 'assistant' && room_id === decided.data.room_id,
  )
  expect(answered.at(-1)?.data.content).toContain('teapot')
  // Whatever bob is shown from here on comes after all of that.
  await bob.ask({ type: 'chat', room_id: 'kitchen', data: { message: '@assistant hello' } })
  const later = await bob.wire.until(({ type, data }) => type === 'chat' && data.role === 'assistant')
  expect(JSON.stringify([...seen, ...bob.pushed, ...later])).not.toMatch(/teapot|token-of-ann/)
})
