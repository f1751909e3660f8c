import type { Numbers, Plan } from '../generator/plan.ts'
import type { Peer } from '../peers/peer.ts'
import type { VariantReport } from '../report.ts'
import type { Stock } from '../world/stock.ts'

/** One question to every server, with the table that answers it. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** What happens, in a sentence or two; printed above the table. */
  readonly about: string
  /** Whether peers sync their log before they ack. */
  readonly durable: boolean
  readonly variants: readonly Variant[]
  readonly columns: readonly Column[]
  /** Key of the number that is divided by the same of Socket.IO and of Bun, if any. */
  readonly ratioOf?: string
  /** Names of the peers that have rows; unless given, all but Parley's rooms protocol. */
  readonly peers?: readonly string[]
  /** What all its variants say together, in a paragraph. */
  conclusion?(reports: readonly VariantReport[]): string
  /** Why a peer has no place in a variant of this scenario, or undefined. */
  notApplicable(peer: Peer, variant: Variant): string | undefined
}

/** A scenario with its sizes filled in. */
export interface Variant {
  readonly name: string
  /** How many users connect, one connection each, and which room each is in. */
  readonly users: number
  room(user: number): number
  readonly plan: PlanShape
  /** What was said before, on peers that keep anything. */
  readonly stock?: Stock
  /** Whether Socket.IO keeps packets for clients that come back; Parley does always. */
  readonly recovery?: boolean
  /** Settings of Parley that differ from what it ships with. */
  readonly settings?: Readonly<Record<string, string>>
  /** The same load without what the variant is about; measured first in every round, each time on a fresh server. */
  readonly beside?: {
    readonly plan: PlanShape
    /** What the two say together; added to the numbers of the variant. */
    compare(without: Numbers, numbers: Numbers): Numbers
  }
}

/** A plan before there is a server to point it at. */
export type PlanShape = WithoutTarget<Plan>
type WithoutTarget<P> = P extends Plan ? Omit<P, 'port' | 'pid' | 'dialect' | 'targets' | 'names' | 'metrics'> : never

export interface Column {
  readonly head: string
  /** Key in the result's numbers, or one of the fields every result has. */
  readonly key: string
  readonly digits: number
}

/** Whether a peer has a row in the tables of a scenario. */
export function takesPart({ name }: Peer, { peers }: Scenario): boolean {
  return peers?.includes(name) ?? !name.startsWith('parley-')
}

/** How large and how long: the whole thing, or a share of it to see that it works. */
export interface Effort {
  readonly scale: number
  readonly seconds: number
}

/** `full`, scaled, but at least `least`. */
export function scaled(full: number, { scale }: Effort, least = 1): number {
  return Math.max(least, Math.round(full * scale))
}
