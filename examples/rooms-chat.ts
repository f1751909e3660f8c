// A room in the terminal. What is typed while there is no connection is sent when it is back. `/quit` ends.
import { createInterface } from 'node:readline'
import { ChatClient, type Room, type SentMessage } from '@parley/client/chat'
import { example } from './support/example.ts'

/** A text of somebody else, unable to move the cursor or change colours. */
const plain = (text: string) => text.replaceAll(/\p{Cc}/gu, ' ')

async function main() {
  await using client = await ChatClient.open({ backoff: { minDelay: 100 } })
  const room = await client.join('lounge', { name: 'The lounge', type: 'shared' })
  const { messages } = await room.history({ limit: 10 })
  console.log([`${room.name}, ${room.unread} unread`, ...messages.map(line)].join('\n'))

  const keyboard = createInterface(process.stdin, process.stdout)
  process.once('SIGINT', () => keyboard.close())
  watch(client, room, text => {
    console.log(`\r${text}`)
    keyboard.prompt(true)
  })
  keyboard.prompt()
  for await (const text of keyboard) {
    if (text === '/quit') break
    if (text.trim() !== '') void room.send(text)
  }
  keyboard.close()
  console.log('Goodbye!')
}

const line = ({ username, content }: SentMessage) => `${plain(username)}: ${plain(content)}`

function watch(client: ChatClient, room: Room, show: (text: string) => void) {
  client.on('state', ({ state }) => {
    if (state.state === 'live' || state.state === 'waiting') show(`(${state.state})`)
  })
  room.on('message', ({ message }) => {
    show(line(message))
    room.markRead(message.ordinal).catch(() => {}) // the next one marks it too
  })
  room.on('failed', ({ message }) => show(`! ${message.error}: ${message.content}`))
  room.on('typing', ({ people }) => {
    if (people.length > 0) show(`(${people.map(({ username }) => plain(username)).join(', ')} typing)`)
  })
}

// --- the check: `node examples/rooms-chat.ts`

await example(import.meta, main, async ({ server, start }) => {
  const apiKey = await server.register('bob')
  await using bob = await ChatClient.open({ url: server.url, apiKey, backoff: { minDelay: 100 } })
  const there = await bob.join('lounge', { name: 'The lounge', type: 'shared' })
  const heard = async (content: string) => {
    for await (const message of there.messages) if (message.content === content) return
  }
  await there.send('Earlier')
  const program = await start()
  await program.prints('The lounge, 0 unread\nbob: Earlier\n')
  await program.prints('> ')

  const hello = heard('Hi, all')
  program.types('Hi, all')
  await program.prints('ann: Hi, all')
  await hello
  there.composing()
  await program.prints('(bob typing)')
  await there.send('Red \x1b[31malert')
  await program.prints('bob: Red  [31malert')

  await server.stop()
  await program.prints('(waiting)')
  const late = heard('Is anybody there?')
  program.types('Is anybody there?')
  await server.start()
  await program.prints('(live)')
  await late
  program.types('/quit')
  await program.prints('Goodbye!')
  await program.ends()
})
