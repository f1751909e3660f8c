import { expect, test } from 'vitest'
import { TOKENS } from '../../../examples/orders/api.ts'
import { codeIn, opened } from '../../server/test/assistant/orders.ts'
import { openPipes } from './fixture/program.ts'

test('[TERM-35] an order is shown to whose token is given, and another is placed once that is approved', async () => {
  const { world: open, orders } = await opened()
  await using world = open
  const url = `ws://127.0.0.1:${world.port}/ws/chat`
  const program = openPipes(['--auth', 'bearer', '--token', TOKENS.ann, '--url', url])
  const says = async (line: string, sign: RegExp) => {
    program.write(`${line}\n`)
    await program.until(() => sign.test(program.output()), String(sign))
  }
  await says('show me order 7', /Assistant: I was told .*teapot/)
  await says('order two mugs', /Valid until/)
  expect(program.output()).toContain('"body": {"item":"mugs","quantity":2}')
  expect(await orders.of(TOKENS.ann)).toHaveLength(2)
  await says(`/approve ${codeIn(program.output())}`, /"result":{"id":10/)
  expect(await orders.of(TOKENS.ann)).toContainEqual([10, 'mugs', 2])
  program.end()
  expect(await program.ended).toBe(0)
  expect(program.output() + program.errors()).not.toContain(TOKENS.ann)
})
