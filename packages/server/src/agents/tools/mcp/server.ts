import type { Clock } from '../../../core/ports/clock.ts'
import type { GuardedFetch } from '../../../core/ports/outbound.ts'
import type { Later } from '../../../core/runs/cast.ts'
import { SlidingWindows } from '../../../core/window.ts'
import { type Hide, hiding } from '../hiding.ts'
import { type JsonObject, type ToolCall, ToolFailed } from '../tool.ts'
import type { ServiceTool } from '../toolbox.ts'
import { toolFailed, troubleOf, wordsFor } from './failing.ts'
import { type Introduction, type Link, type LinkPorts, openLink } from './link.ts'
import { listingOf, type Offer } from './listing.ts'
import { Memory } from './memory.ts'
import { resultOf } from './results.ts'
import { type McpServer, secretsOf } from './settings.ts'
import { plainly } from './words.ts'

/** Waits before a server is tried again, doubling; so it is at most six times a minute. In milliseconds. */
const WAIT_MIN = 1_000
const WAIT_MAX = 60_000
/** How long a connection has to last before the next wait is a short one again. */
const STABLE = 60_000
/** How soon a list that changed is read again, and how often one of which nothing was heard; in milliseconds. */
const REREAD = 1_000
const REREAD_ANYWAY = 5 * 60_000
/** Remarks and faults of one server that are logged in a minute, and their length in UTF-16 units. */
const LINES_MAX = 30
const LINE_LENGTH = 500

export interface McpLog {
  warn(fields: object, text: string): void
  info(fields: object, text: string): void
  debug(fields: object, text: string): void
}

export interface McpPorts {
  /** A way out that may call the host and port of `url` although they may be private. Asked for once. */
  readonly fetchFor: (url: string) => GuardedFetch
  /** What processes get of our environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly we: Introduction
  readonly later: Later
  readonly clock: Clock
  readonly log: McpLog
}

/**
 * Keeps a connection to one server, and its list of tools. A server that is away, ends or does not behave is tried again later;
 * until then it has no tools, and a use of one fails at once.
 */
export class KeptServer {
  readonly #server: McpServer
  readonly #ports: McpPorts
  readonly #hide: Hide
  readonly #lines: SlidingWindows
  readonly #fetch: GuardedFetch | undefined
  readonly #stop = new AbortController()
  readonly #memory = new Memory()
  readonly #kept: Promise<void>
  #connection: { readonly link: Link; readonly lost: AbortController } | undefined
  #tools: readonly ServiceTool[] = []
  /** Whether the next handshake is the older one. */
  #isOld = false

  /** Connects in the background. */
  constructor(server: McpServer, ports: McpPorts) {
    this.#server = server
    this.#ports = ports
    this.#hide = hiding(secretsOf(server))
    this.#lines = new SlidingWindows({ count: LINES_MAX, seconds: 60 }, ports.clock)
    this.#fetch = server.way.by === 'http' ? ports.fetchFor(server.way.url) : undefined
    this.#kept = this.#keep()
  }

  /** What it offers at the moment. */
  get tools(): readonly ServiceTool[] {
    return this.#tools
  }

  /** Resolves once nothing is left of it: no process, no connection. */
  close(): Promise<void> {
    this.#stop.abort()
    return this.#kept
  }

  async #keep(): Promise<void> {
    const { clock, later } = this.#ports
    let wait = WAIT_MIN
    while (!this.#stop.signal.aborted) {
      const since = clock.monotonic()
      await this.#connect()
      if (clock.monotonic() - since >= STABLE) wait = WAIT_MIN
      await pause(later, wait, this.#stop.signal)
      wait = Math.min(2 * wait, WAIT_MAX)
    }
  }

  /** Resolves once the connection is over, or could not be had. */
  async #connect(): Promise<void> {
    const lost = new AbortController()
    const over = AbortSignal.any([lost.signal, this.#stop.signal])
    const changed = new Bell()
    let link: Link | undefined
    try {
      link = await openLink(this.#server, this.#linkPorts(lost, changed), { isOld: this.#isOld, signal: over })
      this.#connection = { link, lost }
      await this.#follow(link, changed, over)
      if (!this.#stop.signal.aborted) this.#warn({}, 'an MCP server is gone')
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#warn({ reason: this.#words(error) }, 'an MCP server is not available')
      if (!link) this.#isOld = !this.#isOld && this.#server.way.by === 'process'
    } finally {
      this.#connection = undefined
      this.#tools = []
      await link?.close()
    }
  }

  /** Reads the list of tools again whenever it changed, and now and then. */
  async #follow(link: Link, changed: Bell, over: AbortSignal): Promise<void> {
    const { later } = this.#ports
    this.#memory.begin()
    while (!over.aborted) {
      changed.reset()
      this.#offer(await link.tools())
      await pause(later, REREAD_ANYWAY, AbortSignal.any([over, changed.signal]))
      await pause(later, REREAD, over)
    }
  }

  #offer(listed: Parameters<typeof listingOf>[1]): void {
    const { offers, refused } = listingOf(this.#server, listed, this.#hide)
    this.#tools = offers.map(offer => this.#toolOf(offer))
    const news = this.#memory.compare(offers, refused)
    if (news.isNew)
      this.#ports.log.info({ server: this.#server.name, tools: offers.length, refused }, 'MCP tools are offered')
    for (const tool of news.changed) this.#warn({ tool }, 'a tool of an MCP server is no longer what it was')
  }

  #toolOf(offer: Offer): ServiceTool {
    const { name, description, parameters, effect } = offer
    const { timeLimit } = this.#server
    const run = (args: JsonObject, call: ToolCall) => this.#run(offer, args, call)
    return { name, description, parameters, effect, isPersonal: false, timeLimit, run, place: null }
  }

  async #run(offer: Offer, args: JsonObject, call: ToolCall) {
    const connection = this.#connection
    if (!connection) throw new ToolFailed(`${this.#server.name} is not available at the moment`)
    try {
      return resultOf(await connection.link.call(offer, args, call), this.#hide)
    } catch (error) {
      if (isLost(error)) connection.lost.abort()
      throw toolFailed(this.#server.name, error, this.#hide)
    }
  }

  #linkPorts(lost: AbortController, changed: Bell): LinkPorts {
    const { environment, we, later } = this.#ports
    const { name } = this.#server
    const shown = (text: string) => plainly(this.#hide(text), LINE_LENGTH)
    return {
      fetch: this.#fetch,
      environment,
      we,
      later,
      onRemark: text =>
        this.#mayTell() && this.#ports.log.info({ server: name, text: shown(text) }, 'an MCP server says'),
      onError: ({ message }) =>
        this.#mayTell() && this.#ports.log.debug({ server: name, detail: shown(message) }, 'a fault of an MCP server'),
      onChanged: () => changed.ring(),
      onClosed: () => lost.abort(),
    }
  }

  /** Whether a line more of what a server says may be logged. */
  #mayTell(): boolean {
    return this.#lines.take('') === 0
  }

  #warn(fields: object, text: string): void {
    this.#ports.log.warn({ server: this.#server.name, ...fields }, text)
  }

  #words = (error: unknown): string => wordsFor(troubleOf(error), this.#hide)
}

/** Whether a call failed in a way that only another connection helps against: the server does not know us any more, or is away. */
function isLost(error: unknown): boolean {
  const trouble = troubleOf(error)
  return trouble.kind === 'gone' || (trouble.kind === 'status' && trouble.status === 404)
}

/** Something that somebody waits for. */
class Bell {
  #rung = new AbortController()

  get signal(): AbortSignal {
    return this.#rung.signal
  }

  ring(): void {
    this.#rung.abort()
  }

  reset(): void {
    this.#rung = new AbortController()
  }
}

/** Resolves after `ms` milliseconds, or when `signal` aborts. */
function pause(later: Later, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const over = () => {
      cancel()
      signal.removeEventListener('abort', over)
      resolve()
    }
    const cancel = later(ms, over)
    signal.addEventListener('abort', over)
  })
}
