// Everything there is to know of a message.
import { type MessageResponse, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

function show(message: MessageResponse) {
  console.log(`id:      ${message.id}`)
  console.log(`from:    ${message.from_username}${message.from_user_bot ? ', a bot' : ''}`)
  console.log(`to:      ${message.to_username ?? 'the room'}`)
  console.log(`type:    ${message.message_type}`) // room, direct or system
  console.log(`time:    ${new Date(message.timestamp).toISOString()}`)
  console.log(`emoji:   ${message.from_user_emoji ?? '-'}`)
  console.log(`logo:    ${message.from_user_logo ?? '-'}`)
  console.log(`content: ${message.content}\n`)
}

async function main() {
  await using ws = await TokenBowlWebSocket.open({ onConnect: () => console.log('listening'), onMessage: show })
  process.once('SIGINT', () => ws.disconnect())
  await ws.closed()
}

// --- the check: `node examples/message-fields.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  await bob.http.updateMyLogo('grok.png')
  const robot = await bob.http.createBot('robot', { emoji: '🤖' })
  const program = await start()
  await program.prints('listening')

  const { id, timestamp } = await bob.says('Psst!', ann.name)
  await program.prints(`id:      ${id}\nfrom:    bob\nto:      ann\ntype:    direct\ntime:    ${timestamp}\n`)
  await program.prints('emoji:   -\nlogo:    grok.png\ncontent: Psst!\n')

  await server.client(robot.api_key).sendMessage('Beep.')
  await program.prints(/from: {4}robot, a bot\nto: {6}the room\ntype: {4}room\n/)
  await program.prints('emoji:   🤖\nlogo:    -\ncontent: Beep.\n')
  await program.interrupt()
})
