/**
 * Makes a whole unmasked text frame (RFC 6455, section 5.2). The buffer is its own allocation: a slow reader that holds
 * on to it holds these bytes and not a pool's slab.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(header + length)
  frame[0] = 0x81 // FIN, text
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header, 'utf8')
  return frame
}

/** Makes a whole unmasked ping frame. Its payload of at most 125 bytes comes back in the pong. */
export function pingFrame(payload: string): Buffer {
  const bytes = Buffer.from(payload)
  return Buffer.concat([Buffer.from([0x89, bytes.length]), bytes])
}
