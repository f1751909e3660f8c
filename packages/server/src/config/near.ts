/** The one of `names` that `name` was probably meant to be; undefined when it is one of them, or like none. */
export function nearMiss(name: string, names: readonly string[], where: 'file' | 'environment'): string | undefined {
  if (names.includes(name)) return undefined
  const key = fold(name)
  return names.find(known => {
    const other = fold(known)
    return key === other || distance(key, other) <= tolerance(other.length, where)
  })
}

/** Short names are near to too much, in an environment that is full of names of other programs. */
const tolerance = (length: number, where: 'file' | 'environment'): number =>
  length < 6 && where === 'environment' ? 0 : length < 12 ? 1 : 2

const fold = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')

/** Letters to add, drop, change or swap with their neighbour to get from one text to the other. */
function distance(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const best = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row.push(swapped ? Math.min(best, (before[j - 2] ?? 0) + 1) : best)
    }
    before = last
    last = row
  }
  return last.at(-1) ?? 0
}
