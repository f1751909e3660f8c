/** Longest name of a tool and of an argument: what every model takes. */
const NAME_MAX = 64

/** The first of these names that is free, written as every model takes it; it is taken from then on. */
export function unique(taken: Set<string>, ...wanted: readonly string[]): string {
  const names = wanted.map(plainName).filter((name, i) => name !== '_' || i === wanted.length - 1)
  const last = names.at(-1) ?? '_'
  let name = names.find(one => !taken.has(one))
  for (let n = 2; name === undefined; n++) {
    const numbered = `${last.slice(0, NAME_MAX - 8)}_${n}`
    if (!taken.has(numbered)) name = numbered
  }
  taken.add(name)
  return name
}

/** Letters, digits, `_` and `-`, beginning with a letter or `_`. */
function plainName(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replaceAll(/^_+|_+$/g, '')
  return (/^[A-Za-z]/.test(plain) ? plain : `_${plain}`).slice(0, NAME_MAX)
}
