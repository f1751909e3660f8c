import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Edit, PLANTS } from './plants.ts'

/* Loaded before the product, in every thread of its process: changes the product's source as the plant says. */
const name = new URL(import.meta.url).searchParams.get('plant')
const plant = Object.entries(PLANTS).find(([known]) => known === name)
if (!plant) throw new Error(`there is no plant ${name}`)
const edits: readonly Edit[] = plant[1]
const root = fileURLToPath(new URL('../../../', import.meta.url))

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const path = url.startsWith('file:') ? fileURLToPath(url) : ''
    const mine = edits.filter(({ file }) => path === root + file)
    return mine.length === 0 ? loaded : { ...loaded, source: mine.reduce(edited, String(loaded.source)) }
  },
})

function edited(source: string, { file, from, to }: Edit): string {
  const [before, after, more] = source.split(from)
  if (before === undefined || after === undefined || more !== undefined) {
    // The product changed: a test with a bug that is not there any more would prove nothing.
    throw new Error(`${JSON.stringify(from)} does not stand exactly once in ${file}`)
  }
  return before + to + after
}
