export interface ReadBody {
  readonly bytes: Uint8Array
  /** Whether that is all of it. */
  readonly isWhole: boolean
}

/** The body of an answer, or its first `max` bytes; whoever sends more is cut off. */
export async function readUpTo({ body }: Response, max: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop gives up the body.
  for await (const chunk of body ?? []) {
    size += chunk.length
    chunks.push(chunk)
    if (size > max) break
  }
  const bytes = Buffer.concat(chunks)
  return { bytes: bytes.subarray(0, max), isWhole: size <= max }
}
