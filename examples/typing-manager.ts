// Shows others that we are typing for as long as we are.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

/** How often the indicator is repeated: whoever sees one takes it for a few seconds. */
const REPEAT_MS = Number(process.env.REPEAT_MS ?? 3_000)

/** Shows that we are typing until it is disposed. */
function typing(ws: TokenBowlWebSocket, to: { toUsername?: string } = {}): Disposable {
  const show = () => {
    if (ws.isConnected) void ws.sendTypingIndicator(to)
  }
  show()
  const timer = setInterval(show, REPEAT_MS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

async function main() {
  await using ws = await TokenBowlWebSocket.open({ onMessageSent: () => ws.disconnect() })
  const content = await compose(ws)
  if (!content) return
  await ws.sendMessage(content)
  await ws.closed()
}

/** What is typed before Enter; undefined after Ctrl-C. */
async function compose(ws: TokenBowlWebSocket): Promise<string | undefined> {
  using _ = typing(ws)
  using keyboard = createInterface({ input: process.stdin, output: process.stdout, prompt: 'Your message: ' })
  keyboard.prompt()
  for await (const line of keyboard) return line
  return undefined
}

// --- the check: `node examples/typing-manager.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const program = await start({ env: { ...ann.env, REPEAT_MS: '20' } })
  await program.prints('Your message: ')
  await bob.until(() => bob.typing.length === 2, 'to see that Ann is still typing')
  program.types('That took a while.')
  await bob.hears('That took a while.')
  const shown = bob.typing.length
  await program.ends()
  await bob.says('Indeed.')
  assert.equal(bob.typing.length, shown)
})
