const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i

/** Milliseconds since 1970 of an ISO 8601 text; without a zone it is UTC. Undefined for anything else. */
export function readTime(text: string): number | undefined {
  // A `+` that a client forgot to escape arrives as a space.
  const plain = text.trim().replace(/ (?=\d\d:?\d\d$)/, '+')
  if (!ISO.test(plain)) return undefined
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(plain.slice(10)) ? plain : plain.length > 10 ? `${plain}Z` : plain
  const at = Date.parse(zoned)
  return Number.isNaN(at) ? undefined : at
}
