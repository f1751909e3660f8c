/** Something to upload. */
export type Bytes = Blob | ArrayBuffer | ArrayBufferView

export const sizeOf = (bytes: Bytes): number => (bytes instanceof Blob ? bytes.size : bytes.byteLength)

/** A part of it, read when it is needed. */
export async function part(bytes: Bytes, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const blob = bytes instanceof Blob ? bytes : new Blob([plain(bytes)])
  return new Uint8Array(await blob.slice(from, to).arrayBuffer())
}

/** The SHA-256 of all of it in hex; undefined where the platform has none: on pages that did not come over TLS. */
export async function sha256(bytes: Bytes): Promise<string | undefined> {
  if (!crypto.subtle) return undefined
  const digest = await crypto.subtle.digest('SHA-256', bytes instanceof Blob ? await bytes.arrayBuffer() : plain(bytes))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** `String.fromCharCode` takes so many arguments on every platform. */
const STRETCH = 8_192

export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += STRETCH) text += String.fromCharCode(...bytes.subarray(at, at + STRETCH))
  return btoa(text)
}

/** Blobs and digests take no shared memory. */
const plain = (bytes: ArrayBuffer | ArrayBufferView): ArrayBuffer | Uint8Array<ArrayBuffer> =>
  bytes instanceof ArrayBuffer
    ? bytes
    : new Uint8Array(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
