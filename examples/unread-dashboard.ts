// A dashboard in the terminal: how much is unread, and what came last.
import { createInterface } from 'node:readline'
import { type MessageResponse, TokenBowlWebSocket, type UnreadCountResponse } from '@parley/client'
import { example } from './support/example.ts'

const REFRESH_MS = Number(process.env.REFRESH_MS ?? 10_000)
const CLEAR = '\x1b[2J\x1b[H'
const LINE = '─'.repeat(60)

/** A text of somebody else, short and unable to move the cursor or change colours. */
const plain = (text: string, length: number) =>
  text
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, length)
    .padEnd(length)

async function main() {
  const recent: MessageResponse[] = []
  await using ws = await TokenBowlWebSocket.open({
    onUnreadCount: count => process.stdout.write(CLEAR + page(count, recent)),
    onError: error => console.log(error.message),
  })
  const refresh = () => ws.getUnreadCount().catch(error => console.log(error.message))
  ws.on('message', message => {
    recent.push(message)
    if (recent.length > 5) recent.shift()
    return refresh()
  })
  const timer = setInterval(refresh, REFRESH_MS)
  const keyboard = createInterface(process.stdin)
  process.once('SIGINT', () => keyboard.close())
  void ws.closed().then(() => keyboard.close())

  await refresh()
  for await (const line of keyboard) {
    const action = line.trim().toLowerCase()
    if (action === 'q') break
    await act(ws, action)
    await refresh() // asked after the mark, so answered after it
  }
  clearInterval(timer)
  console.log('Goodbye!')
}

async function act(ws: TokenBowlWebSocket, action: string) {
  if (action === '1') await ws.markRoomMessagesRead()
  if (action === '2') await ws.markAllMessagesRead()
}

function page(count: UnreadCountResponse, recent: readonly MessageResponse[]): string {
  return [
    LINE,
    'Unread messages',
    `  in the room ${String(count.unread_room_messages).padStart(5)}`,
    `  direct      ${String(count.unread_direct_messages).padStart(5)}`,
    `  all         ${String(count.total_unread).padStart(5)}`,
    LINE,
    'Latest',
    ...recent.map(row),
    LINE,
    '1 mark the room as read   2 mark everything as read   3 refresh   q quit',
    '> ',
  ].join('\n')
}

function row({ timestamp, message_type, from_username, content }: MessageResponse): string {
  const time = new Date(timestamp).toLocaleTimeString('en-GB')
  return `  ${time} ${message_type.padEnd(6)} ${plain(from_username, 12)} ${plain(content, 30)}`.trimEnd()
}

// --- the check: `node examples/unread-dashboard.ts`

await example(import.meta, main, async ({ ann, join, server, start }) => {
  const bob = await join('bob')
  await bob.says('Before')
  const program = await start({ env: { ...ann.env, REFRESH_MS: '50' } })
  const shows = (room: number, direct: number) =>
    program.prints(
      new RegExp(`in the room +${room}\\n  direct +${direct}\\n  all +${room + direct}\\n[^]*?(?=\\x1b|$)`),
    )
  await shows(1, 0)
  await bob.says('After')
  await bob.says('Between \x1b[7mus', ann.name)
  // The count may be ahead of the messages: both are shown by the frame that has them.
  const lines = [
    /in the room +2\n/,
    / direct +1\n/,
    / all +3\n/,
    / room {3}bob {10}After\n/,
    / direct bob {10}Between {2}\[7mus\n/,
  ]
  await program.prints(new RegExp(lines.map(({ source }) => source).join('[^\\x1b]*?')))

  program.types('1')
  await shows(0, 1)
  program.types('2')
  await shows(0, 0)
  await bob.http.sendMessage('From elsewhere')
  program.types('3')
  await shows(1, 0)
  await server.client(ann.key).markAllMessagesRead() // on another device: only the next refresh can tell
  await shows(0, 0)
  program.types('q')
  await program.prints('Goodbye!')
  await program.ends()
})
