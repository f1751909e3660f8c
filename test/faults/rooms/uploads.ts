import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Follower } from '../../../packages/server/test/rooms/level2/follower/follower.ts'
import type { Violation } from '../checker/violation.ts'
import { within } from '../load/within.ts'
import { newPlace } from '../place.ts'
import { type Random, seeded } from '../random.ts'
import { type Server, startServer } from '../server.ts'
import { type Person, peopleOf } from './people.ts'

export interface KilledUploads {
  readonly violations: readonly Violation[]
  readonly kills: number
  /** Times that the file was there after the kill already. */
  readonly there: number
}

/** A kill comes after the answer to this frame, or, of the last, within a moment after it was sent. */
const PHASES = ['init', 'chunk 0', 'chunk 1', 'chunk 2', 'finalize'] as const
const PIECE = 300_000
const PIECES = 3
const TIME = 20_000

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Kills the server in every phase of an upload, and goes on with it afterwards. */
export async function killUploads({ seed, rounds }: { seed: number; rounds: number }): Promise<KilledUploads> {
  using place = await newPlace()
  const random = seeded(seed)
  const [ann] = await peopleOf(place.server, ['ann'])
  if (!ann) throw new Error('nobody there')
  let server = await startServer(place.server)
  await using defer = new AsyncDisposableStack()
  defer.defer(async () => void (await server.kill('SIGKILL')))
  const url = () => `ws://127.0.0.1:${place.server.port}/api/v1/ws?v=2`
  const client = defer.use(new Follower({ url, key: ann.key, pause: () => 20 }))
  const violations: Violation[] = []
  let [kills, there] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    for (const phase of PHASES) {
      await within(TIME, 'connecting', client.settled())
      const upload = new Upload(client, random)
      await upload.upTo(phase)
      if (phase === 'finalize') await pause(random.below(15))
      await server.kill('SIGKILL')
      kills++
      server = await startServer(place.server)
      await within(TIME, 'coming back', client.settled())
      const before = await fetched(server, ann, upload.id)
      if (before) there++
      const wrong = [
        isWhole(before, upload),
        await upload.goOn(),
        isWhole(await fetched(server, ann, upload.id), upload, true),
      ]
      violations.push(
        ...wrong.flatMap(what => (what ? [{ rule: 'ROOMS-192' as const, what: `after ${phase}: ${what}` }] : [])),
      )
    }
  }
  violations.push(...client.faults.map(what => ({ rule: 'ROOMS-192' as const, what })))
  return { violations, kills, there }
}

function isWhole(found: Uint8Array | undefined, { bytes }: Upload, isDue = false): string | undefined {
  if (!found) return isDue ? 'the file is not there' : undefined
  return sha256(found) === sha256(bytes) ? undefined : `a file of ${found.length} bytes is there that nobody sent`
}

/** What the server has under the id of a file. */
async function fetched({ url }: Server, { key }: Person, id: string): Promise<Uint8Array | undefined> {
  const response = await fetch(`${url}/api/v1/files/${id}`, { headers: { 'X-API-Key': key } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return response.ok ? bytes : undefined
}

/** One file on its way. */
class Upload {
  readonly bytes: Uint8Array
  id = ''
  readonly #client: Follower
  readonly #checksum: string

  constructor(client: Follower, random: Random) {
    this.#client = client
    this.bytes = Uint8Array.from({ length: PIECE * PIECES - 7 }, () => random.below(256))
    this.#checksum = sha256(this.bytes)
  }

  /** Sends everything up to a phase; the frames of the last one are only sent. */
  async upTo(last: (typeof PHASES)[number]): Promise<void> {
    const init = { upload_type: 'init', file_name: 'a.zip', file_size: this.bytes.length, mime_type: 'application/zip' }
    this.id = String((await this.#ask(init))?.file_id)
    for (const phase of PHASES.slice(1, PHASES.indexOf(last) + 1)) {
      if (phase === 'finalize') void this.#finish()
      else await this.#put(Number(phase.at(-1)))
    }
  }

  /** Finishes it, with whatever is missing. What is wrong, if anything. */
  async goOn(): Promise<string | undefined> {
    const first = await this.#finish()
    if (first?.upload_type === 'completed') return this.#isRight(first)
    for (let index = 0; index < PIECES; index++) await this.#put(index)
    return this.#isRight(await this.#finish())
  }

  #isRight(answer: Answer | undefined): string | undefined {
    const isRight = answer?.upload_type === 'completed' && answer.checksum === this.#checksum
    return isRight ? undefined : `it ended with ${JSON.stringify(answer)}`
  }

  #put(index: number): Promise<Answer | undefined> {
    const chunk_data = Buffer.from(this.bytes.subarray(index * PIECE, (index + 1) * PIECE)).toString('base64')
    return this.#ask({ upload_type: 'chunk', file_id: this.id, chunk_index: index, total_chunks: PIECES, chunk_data })
  }

  #finish(): Promise<Answer | undefined> {
    return this.#ask({ upload_type: 'finalize', file_id: this.id, checksum: this.#checksum })
  }

  async #ask(data: object): Promise<Answer | undefined> {
    return (await this.#client.ask({ type: 'file_upload', data }))?.data
  }
}

type Answer = Readonly<Record<string, unknown>>
