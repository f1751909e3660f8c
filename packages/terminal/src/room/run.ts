import { ChatClient, ChatError, type ConnectionState, type Credentials, chatPlaceOf } from '@parley/client/chat'
import { Ending, EXIT, type Exit } from '../ends.ts'
import { createDriver } from './driver.ts'
import type { Face } from './face.ts'
import type { Happening } from './happening.ts'

export interface RoomRun {
  readonly url: string | undefined
  readonly credentials: Credentials
  readonly room: string
  /** How long a lost connection is waited for where the face does not wait, in milliseconds. */
  readonly timeout: number
}

/** Connects, and is there until the face says that it is over or the connection is. Throws Ending where it never begins. */
export async function runRoom(options: RoomRun, makeFace: () => Face): Promise<Exit> {
  const client = new ChatClient({ url: options.url, ...options.credentials })
  await firstConnection(client)
  const face = makeFace()
  const ended = Promise.withResolvers<Exit>()
  const over = (code: Exit) => ended.resolve(code)
  const watch = watchConnection(client, face, options.timeout, over)
  const driver = createDriver({
    client,
    http: chatPlaceOf(options.url).http,
    reads: face.reads,
    tell: happening => face.tell(happening),
    quit: () => over(EXIT.ok),
  })
  face.tell({ type: 'connection', state: 'live' })
  const { user_id = '', username = '' } = client.me ?? {}
  face.tell({ type: 'signed_in', user_id, username })
  face.tell({ type: 'unread', rooms: driver.listed() })
  void driver.enter(options.room)
  face.start(driver, () => {
    if (face.waits) over(EXIT.ok)
    else void driver.settled().then(succeeded => over(succeeded ? EXIT.ok : EXIT.failed))
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => over(EXIT.ok))
  const code = await ended.promise
  watch.stop()
  driver.leave()
  face.close()
  await client.close()
  return code
}

/** The first attempt counts: who mistyped an address wants to know. */
async function firstConnection(client: ChatClient): Promise<void> {
  const failed = Promise.withResolvers<never>()
  const off = client.on('state', ({ state }) => {
    if (state.state === 'waiting') failed.reject(state.error)
  })
  try {
    await Promise.race([client.connect(), failed.promise])
  } catch (error) {
    void client.close()
    throw endingOf(error)
  } finally {
    off()
  }
}

/** How an error before the first connection ends the program. */
export function endingOf(error: unknown): unknown {
  if (!(error instanceof ChatError)) return error
  if (error.code === 'UNAUTHENTICATED')
    return new Ending(EXIT.refused, `The credentials are not taken: ${error.message}`)
  return new Ending(error.code === 'INVALID' ? EXIT.usage : EXIT.unreachable, `No connection: ${error.message}`)
}

function watchConnection(client: ChatClient, face: Face, timeout: number, over: (code: Exit) => void) {
  let overdue: NodeJS.Timeout | undefined
  const off = client.on('state', ({ state }) => {
    face.tell(connectionOf(state))
    if (state.state === 'live') {
      clearTimeout(overdue)
      overdue = undefined
    } else if (state.state === 'closed') {
      if (state.error) over(state.error.code === 'UNAUTHENTICATED' ? EXIT.refused : EXIT.lost)
    } else if (!face.waits) overdue ??= setTimeout(() => over(EXIT.lost), timeout)
  })
  return {
    stop() {
      off()
      clearTimeout(overdue)
    },
  }
}

function connectionOf(state: ConnectionState): Happening {
  switch (state.state) {
    case 'waiting': {
      const { delay, error } = state
      return { type: 'connection', state: 'waiting', delay: Math.round(delay), code: error.code, error: error.message }
    }
    case 'closed': {
      const { error } = state
      return { type: 'connection', state: 'closed', ...(error && { code: error.code, error: error.message }) }
    }
    case 'new':
      return { type: 'connection', state: 'connecting' }
    default:
      return { type: 'connection', state: state.state }
  }
}
