import { RATE_MAX, RATE_WINDOW_MS } from '@parley/protocol/agents/limits'
import type { LogId } from '../../core/events.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { ModelNames, TeamInfo } from '../../core/ports/teams.ts'
import { refuse } from '../../core/refusals.ts'
import { SlidingWindows } from '../../core/window.ts'
import type { Asking, Connection } from '../view.ts'
import { toolFrame } from './encode.ts'
import { error, modelSwitched, restored, text } from './shapes.ts'
import { rateLimited } from './words.ts'

/** What the operator decides about sessions. */
export interface AgentsSettings {
  readonly version: string
  /** The first one answers where a client names none. At least one. */
  readonly teams: readonly TeamInfo[]
  readonly models: ModelNames
  readonly clock: Clock
}

/** What a connection is in the middle of. */
export interface Seated {
  /** What its clients call the session. */
  readonly session: string
  readonly team: TeamInfo
  /** The conversation that the session is. */
  readonly number: number
}

/** The sessions that connections are in. A connection's place ends with it. */
export class Desk {
  readonly settings: AgentsSettings
  /** Messages of each session. */
  readonly rate: SlidingWindows
  readonly #seats = new WeakMap<Connection, Seated>()

  constructor(settings: AgentsSettings) {
    this.settings = settings
    this.rate = new SlidingWindows({ count: RATE_MAX, seconds: RATE_WINDOW_MS / 1000 }, settings.clock)
  }

  seated(connection: Connection): Seated {
    return this.#seats.get(connection) ?? refuse({ code: 'conversation_unknown', id: '' })
  }

  /** The team that a client wants. */
  teamOf(wanted: string | null): TeamInfo {
    const { teams } = this.settings
    const found = teams.find(({ name }) => name === wanted) ?? teams[0]
    if (!found) throw new Error('There is no team')
    return found
  }

  seat(connection: Connection, seated: Seated): void {
    this.#seats.set(connection, seated)
  }
}

type Perform = (asking: Asking) => Promise<string | null>

/** Takes a connection into its session. What happens there it is shown from now on. */
export const enter =
  (desk: Desk, session: string, team: TeamInfo): Perform =>
  async ({ core, actor, connection }) => {
    const seat = await core.execute(actor, { type: 'session.enter', session: keyOf(session) })
    if (seat.actor !== actor) connection.become(seat.actor)
    desk.seat(connection, { session, team, number: seat.number })
    connection.attach(seat.room, seat.seq)
    return null
  }

/** Sessions of other protocols have names that no session here can have. */
export const keyOf = (session: string): string => `agents/${session}`

/** What a message asks for. */
interface Wish {
  readonly content: string
  readonly model: string | null
  readonly isWhole: boolean
  readonly isSteering: boolean
}

/** A question: chunks and what comes behind them answer it. */
export const ask =
  (desk: Desk, { content: body, model, isWhole, isSteering }: Wish): Perform =>
  async ({ core, actor, connection }) => {
    const { number, team } = desk.seated(connection)
    const seconds = desk.rate.take(String(number))
    if (seconds > 0) return rateLimited(seconds)
    const options = { model, systemPrompt: null, temperature: null, maxTokens: null, ...(isWhole && { isWhole }) }
    await core.execute(actor, { type: 'session.ask', number, team: team.name, body, options, isSteering })
    return null
  }

/** The latest question, answered once more, or the rest of its answer. */
export const again =
  (desk: Desk, how: 'continue' | 'regenerate'): Perform =>
  async ({ core, actor, connection }) => {
    const { number: conversation } = desk.seated(connection)
    await core.execute(actor, { type: 'assistant.again', conversation, how })
    return null
  }

export const switchModel =
  (desk: Desk, wanted: string): Perform =>
  async ({ core, actor, connection }) => {
    const { models } = desk.settings
    if (!models.has(wanted))
      return error('MODEL_NOT_FOUND', wanted.slice(0, 100).toWellFormed(), { model: wanted.slice(0, 100) })
    const { number } = desk.seated(connection)
    const model = wanted === models.standard ? null : wanted
    const { before } = await core.execute(actor, { type: 'session.switch_model', number, model })
    return text(modelSwitched(before ?? models.standard, wanted))
  }

export const stop =
  (desk: Desk): Perform =>
  async ({ core, actor, connection }) => {
    await core.execute(actor, { type: 'session.stop', number: desk.seated(connection).number })
    return null
  }

/** Everything that was said, to this connection alone; what is being said goes on behind it without a gap. */
export const restore =
  (desk: Desk): Perform =>
  async ({ core, actor, connection }) => {
    const { number, session } = desk.seated(connection)
    await connection.restore(async shown => {
      const found = await core.execute(actor, { type: 'session.restore', number, shown })
      const from = new Map<LogId, number>(found.running ? [[found.running.run.id, found.running.n]] : [])
      const frame = text(restored(session, found, desk.settings.models.standard))
      const told = found.items.flatMap(({ run }) => (run ? [run.id] : []))
      return { frames: [frame, ...(found.running?.tools ?? []).map(step => text(toolFrame(step)))], from, told }
    })
    return null
  }
