import { createHash, randomBytes } from 'node:crypto'
import { textIn } from './content.ts'
import { dial } from './dial.ts'
import { dialects } from './dialects.ts'
import { framePatch, textFrame } from './frames.ts'
import type { UploadPlan } from './plan.ts'

const BLANK_ID = '00000000-0000-4000-8000-000000000000'
const LIMIT_MS = 60_000

type Sent = { readonly state: 'sent'; readonly seconds: number } | { readonly state: 'failed'; readonly why: string }

/** A user who sends one file, again and again. Its frames are made once, so that the generator does nothing else meanwhile. */
export async function openUploader(plan: UploadPlan) {
  const bytes = randomBytes(plan.fileBytes)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  const frames = piecesOf(bytes, plan.pieceBytes)
  let answered: (answer: { readonly type: string; readonly payload: Buffer }) => void = () => {}
  const connection = await dial(
    { port: plan.port, target: plan.targets.at(-1)!, dialect: dialects['rooms-2'] },
    {
      countAbove: Number.POSITIVE_INFINITY,
      text(payload) {
        const type = textIn(payload, payload.includes('"upload_type":"') ? '"upload_type":"' : '"type":"')
        // Others hear of files too; what concerns this upload are answers and errors.
        if (['init_response', 'progress', 'completed', 'error'].includes(type))
          answered({ type, payload: Buffer.from(payload) })
      },
      read: () => {},
      closed: reason => answered({ type: 'closed', payload: Buffer.from(reason) }),
    },
  )
  const say = (data: object): void => connection.send(textFrame(JSON.stringify({ type: 'file_upload', data })))

  /** Begins, sends every piece with a few on their way, finishes, and looks at the checksum that comes back. */
  function upload(): Promise<Sent> {
    const { promise, resolve } = Promise.withResolvers<Sent>()
    const started = performance.now()
    const fail = (why: string): void => resolve({ state: 'failed', why })
    const deadline = setTimeout(() => fail('an upload did not end'), LIMIT_MS)
    let id = ''
    let sent = 0
    let taken = 0
    const pump = (): void => {
      for (; sent < frames.length && sent - taken < plan.pieces; sent++) connection.send(frames[sent]!(id))
      if (taken === frames.length) say({ upload_type: 'finalize', file_id: id, checksum })
    }
    answered = ({ type, payload }) => {
      if (type === 'init_response') id = textIn(payload, '"file_id":"')
      else if (type === 'progress') taken++
      else if (type === 'completed') {
        const isWhole = textIn(payload, '"checksum":"') === checksum
        resolve(
          isWhole
            ? { state: 'sent', seconds: (performance.now() - started) / 1000 }
            : { state: 'failed', why: 'another checksum' },
        )
        return
      } else return fail(`an upload failed: ${payload.toString('utf8', 0, 200)}`)
      pump()
    }
    say({ upload_type: 'init', file_name: 'bench.zip', file_size: bytes.length, mime_type: 'application/zip' })
    return promise.finally(() => clearTimeout(deadline))
  }

  return { upload, leave: connection.destroy }
}

/** A frame for each piece that wants only the id of the file. It may be asked for again once the last one is sent. */
function piecesOf(bytes: Buffer, size: number) {
  const total = Math.ceil(bytes.length / size)
  return Array.from({ length: total }, (_, index) => {
    const piece = bytes.subarray(index * size, (index + 1) * size).toString('base64')
    const data = { upload_type: 'chunk', file_id: BLANK_ID, chunk_index: index, total_chunks: total, chunk_data: piece }
    return framePatch(JSON.stringify({ type: 'file_upload', data }), BLANK_ID)
  })
}
