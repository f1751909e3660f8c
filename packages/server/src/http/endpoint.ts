import type { ErrorCode } from '@parley/protocol/errors'
import type { z } from 'zod'
import type { Core } from '../core/core.ts'
import type { ModelNames, TeamInfo } from '../core/ports/teams.ts'
import type { Refusal } from '../core/refusals.ts'
import type { Actor } from '../core/user.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Bytes } from './bytes.ts'
import type { Statuses } from './dialect.ts'
import type { FaultCode } from './faults.ts'

/** The sockets that are open on this node, for whoever looks at them. */
export type OpenSockets = Pick<Sessions, 'connections' | 'connectionsOf' | 'connection' | 'counts'>

/** What endpoints work with. */
export interface Site {
  readonly core: Core
  readonly sockets: OpenSockets
  readonly agents: OfferedAgents
}

/** Who answers here, as clients are told. */
export interface OfferedAgents {
  /** The first one answers where a client names none. At least one. */
  readonly teams: readonly TeamInfo[]
  readonly models: ModelNames
}

/** One request, understood: who asks, and what its schemas made of it. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly site: Site
  readonly core: Core
  readonly actor: Actor
  readonly params: Params
  readonly query: Query
  readonly body: Body
}

type Schema = z.ZodType | undefined
type Read<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined
type Said = z.ZodType | 'bytes' | null
type Answer<S extends Said> = S extends z.ZodType ? z.input<S> : S extends 'bytes' ? Bytes : unknown

/**
 * One row of a protocol's table of endpoints. Routes, request validation, the OpenAPI document and the tests of who may
 * what all come from it.
 */
export interface EndpointOf<P extends Schema, Q extends Schema, B extends Schema, A extends Said> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` where a segment is a parameter. */
  readonly path: `/${string}`
  readonly summary: string
  /**
   * Who may ask: anybody; whoever has a valid credential; the same, or nobody in particular where that may talk as a guest from
   * this machine; the same, or nobody in particular with a `token` in the query, which `run` judges; or admins. What a role may do
   * beyond that is the core's.
   */
  readonly auth: 'none' | 'user' | 'guest' | 'link' | 'admin'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** Status of success. */
  readonly status: number
  /** Body of success; null for none; `bytes` for those of a file, of which a part may be asked for. */
  readonly answer: A
  /** What a caller should be ready for beyond what `auth` and the schemas refuse. */
  readonly refuses?: readonly (ErrorCode | FaultCode)[]
  /** Words for refusals that read differently here than elsewhere in the protocol. */
  words?(refusal: Refusal): string | undefined
  /** Rejects with Refused or Fault. */
  run(call: Call<Read<P>, Read<Q>, Read<B>>): Promise<Answer<A>> | Answer<A>
}

export type Endpoint = EndpointOf<Schema, Schema, Schema, Said>

/** A row of a table, with `run` checked against its schemas. Who calls `run` gives it what these schemas read. */
export function endpoint<
  A extends Said,
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(row: EndpointOf<P, Q, B, A>): Endpoint {
  return row
}

/** What the document tells of an endpoint. */
export type Described = Omit<Endpoint, 'run' | 'words'>

/** Bodies of an error with one text and of 422, and where statuses differ from those of the table of errors. */
export interface ErrorShapes {
  readonly error: z.ZodType
  readonly invalid: z.ZodType
  readonly statuses?: Statuses
  /** What is answered instead of 422. */
  readonly invalidStatus?: number
}

/** Endpoints that belong together in the document. */
export interface Family<E extends Described = Endpoint> {
  readonly name: string
  readonly endpoints: readonly E[]
  /** Where they are not those of the document. */
  readonly errors?: ErrorShapes
}
