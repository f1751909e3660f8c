let written = { at: 0, text: new Date(0).toISOString() }

/** Milliseconds since 1970 as the protocols write them: ISO 8601, UTC, three digits of a second. */
export function timestamp(at: number): string {
  // Under load many messages share a millisecond, and formatting one costs more than the rest of its frame.
  if (at !== written.at) written = { at, text: new Date(at).toISOString() }
  return written.text
}
