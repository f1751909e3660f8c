// A bot: greets whoever names it in the room, and answers direct messages.
import assert from 'node:assert/strict'
import { TokenBowlClient, TokenBowlWebSocket } from '@parley/client'
import { example } from './support/example.ts'

async function main() {
  const { username } = await new TokenBowlClient().getMyProfile()

  await using ws = new TokenBowlWebSocket({
    reconnect: true,
    onConnect: () => console.log(`${username} is listening`),
    async onMessage({ message_type, from_username, from_user_bot, content }) {
      if (from_user_bot) return // or two bots would talk for ever
      if (message_type === 'direct') {
        // Takes the key of a member: one from `POST /bots` may write to the room only.
        await ws.sendMessage(`I have read it, ${from_username}.`, { toUsername: from_username })
      } else if (content.toLowerCase().includes(username.toLowerCase())) {
        await ws.sendMessage(`At your service, ${from_username}.`)
      }
    },
    onError: error => console.log(`error: ${error.message}`),
  })
  process.once('SIGINT', () => ws.disconnect())
  await ws.connect()
  await ws.closed()
}

// --- the check: `node examples/bot.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  const { api_key } = await bob.http.createBot('robot')
  const member = await start()
  await member.prints('ann is listening\n')
  await server.client(api_key).sendMessage('Ann, are you a bot too?')
  await bob.says('Is anybody here?')
  await bob.says('You perhaps, Ann?')
  await bob.hears('At your service, bob.')
  await bob.says('Just between us', ann.name)
  const answer = await bob.hears('I have read it, bob.')
  assert.equal(answer.to_username, 'bob')
  await member.interrupt()
  const heard = bob.messages.map(message => message.content)
  assert.deepEqual(heard, ['Ann, are you a bot too?', 'At your service, bob.', 'I have read it, bob.'])

  const robot = await start({ env: { ...ann.env, TOKEN_BOWL_CHAT_API_KEY: api_key } })
  await robot.prints('robot is listening\n')
  await bob.says('Just between us', 'robot')
  await robot.prints("error: Your role 'bot' does not have permission to send direct messages\n")
  await bob.says('Then say it aloud, robot')
  await bob.until(() => bob.messages.length === 4, 'to be greeted by the robot')
  await robot.interrupt()
})
