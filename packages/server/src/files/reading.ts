import { type FileHandle, open } from 'node:fs/promises'

/** Bytes that are read in one go. */
const STEP = 256 * 1024

/**
 * A file's bytes, or those from `start` up to and with `end`. The file is opened when the first are asked for and closed after
 * the last, or when nobody wants more. A file that is shorter than the range makes the stream fail.
 */
export function readBytes(path: string, range?: { start: number; end: number }): ReadableStream<Uint8Array> {
  let file: FileHandle | undefined
  let at = range?.start ?? 0
  const end = range ? range.end + 1 : Number.POSITIVE_INFINITY
  const close = async () => {
    const closing = file
    file = undefined
    await closing?.close()
  }
  const step = async (): Promise<Uint8Array | undefined> => {
    if (at >= end) return undefined
    file ??= await open(path, 'r')
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(Math.min(STEP, end - at)), { position: at })
    at += bytesRead
    if (bytesRead === 0 && range) throw new Error('A file is shorter than it was')
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = await step()
          if (bytes) return controller.enqueue(bytes)
          await close()
          controller.close()
        } catch (error) {
          await close()
          throw error
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
}
