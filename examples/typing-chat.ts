// A chat in the terminal that shows who is typing. `@name text` is a direct message, `/quit` ends.
import assert from 'node:assert/strict'
import { createInterface, type Interface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

const MS_PER_CHARACTER = Number(process.env.MS_PER_CHARACTER ?? 100)

/** A text of somebody else, unable to move the cursor or change colours. */
const plain = (text: string) => text.replaceAll(/\p{Cc}/gu, ' ')

async function main() {
  const keyboard = createInterface(process.stdin, process.stdout)
  process.once('SIGINT', () => keyboard.close())
  const typing = new Set<string>()

  await using ws = await TokenBowlWebSocket.open({
    onTyping(username) {
      typing.add(username)
      show(keyboard, `(${[...typing].sort().map(plain).join(', ')} ${typing.size === 1 ? 'is' : 'are'} typing)`)
    },
    onMessage({ from_username, to_username, content }) {
      typing.delete(from_username) // nothing else tells that somebody stopped
      show(keyboard, `${plain(from_username)}${to_username ? ' to you' : ''}: ${plain(content)}`)
    },
    onError: error => show(keyboard, `! ${plain(error.message)}`),
  })
  void ws.closed().then(() => keyboard.close())

  keyboard.prompt()
  for await (const line of keyboard) {
    if (line === '/quit') break
    await say(ws, line)
    keyboard.prompt()
  }
  console.log('Goodbye!')
}

/** Prints above the line that is being typed. */
function show(keyboard: Interface, text: string) {
  console.log(`\r${text}`)
  keyboard.prompt(true)
}

/** Sends what a line says, after as long as typing it would take. */
async function say(ws: TokenBowlWebSocket, line: string) {
  const [, name, direct] = /^@(\S+) (.+)/.exec(line) ?? []
  const content = direct ?? line.trim()
  if (content === '' || !ws.isConnected) return
  await ws.sendTypingIndicator({ toUsername: name })
  await sleep(content.length * MS_PER_CHARACTER)
  if (ws.isConnected) await ws.sendMessage(content, { toUsername: name })
}

// --- the check: `node examples/typing-chat.ts`

await example(import.meta, main, async ({ ann, join, start }) => {
  const bob = await join('bob')
  const program = await start({ env: { ...ann.env, MS_PER_CHARACTER: '1' } })
  await program.prints('> ')
  program.types('Hi, all')
  await bob.hears('Hi, all')
  assert.deepEqual(bob.typing, ['ann'])
  program.types('')
  program.types('@bob Just you')
  assert.equal((await bob.hears('Just you')).to_username, 'bob')
  assert.deepEqual(bob.typing, ['ann', 'ann to me'])
  program.types('@nobody Hello?')
  await program.prints('! User nobody not found')

  await bob.ws.sendTypingIndicator()
  await program.prints('(bob is typing)')
  await bob.says('Red \x1b[31malert', ann.name)
  await program.prints('bob to you: Red  [31malert')
  await (await join('cem')).ws.sendTypingIndicator()
  await program.prints('(cem is typing)') // and Bob no longer

  program.types('/quit')
  await program.prints('Goodbye!')
  await program.ends()
  assert.equal(bob.messages.length, 2)
})
