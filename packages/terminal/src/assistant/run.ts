import { setTimeout as wait } from 'node:timers/promises'
import { AuthType, WebSocketConfig } from '@parley/client/assistant'
import { EXIT, type Exit } from '../ends.ts'
import type { AssistantOptions, AuthOption } from '../options.ts'
import { createConversation, type Face } from './conversation.ts'
import { logLine } from './log.ts'
import { you } from './phrase.ts'

const TYPES: Readonly<Record<AuthOption, AuthType>> = {
  none: AuthType.NONE,
  bearer: AuthType.BEARER_TOKEN,
  api_key: AuthType.API_KEY,
  basic: AuthType.BASIC_AUTH,
  oauth2: AuthType.OAUTH2,
}

const DEMO = ['Hello! What can you do?', 'Can you give me an example?', 'Thank you!'] as const
const DEMO_PAUSE_MS = 2_000
/** How long the demo, and the end of the input, wait for answers. */
const PATIENCE_MS = 120_000

/** Talks until the user has enough, the input ends, or the connection is over. */
export async function runAssistant(options: AssistantOptions, face: Face): Promise<Exit> {
  const ended = Promise.withResolvers<Exit>()
  const quit = () => ended.resolve(EXIT.ok)
  const { url: endpoint, auth, isDebug, ...credentials } = options
  const log = (level: string, text: string) => void process.stderr.write(`${logLine(new Date(), level, text)}\n`)
  const conversation = createConversation({
    config: new WebSocketConfig({ endpoint, authType: TYPES[auth], ...credentials }),
    log: isDebug ? log : undefined,
    face,
    quit,
    closed: () => ended.resolve(EXIT.unreachable),
  })
  const { act, settled } = conversation
  try {
    if (!(await conversation.connect())) return EXIT.unreachable
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, quit)
    const finish = () => void Promise.race([settled(), patience()]).then(quit)
    if (options.isDemo) void demo(face, text => act({ is: 'chat', text })).then(finish)
    else face.start(act, finish)
    return await ended.promise
  } finally {
    face.close()
    await conversation.disconnect()
  }
}

const patience = () => wait(PATIENCE_MS, undefined, { ref: false })

async function demo(face: Face, ask: (text: string) => void): Promise<void> {
  for (const [at, text] of DEMO.entries()) {
    if (at > 0) await wait(DEMO_PAUSE_MS)
    face.say(you(text))
    ask(text)
  }
}
