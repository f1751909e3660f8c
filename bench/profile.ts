import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generate, planFor } from './measure.ts'
import { peers } from './peers/index.ts'
import { format } from './report.ts'
import { scenarios } from './scenarios/index.ts'
import { takesPart } from './scenarios/scenario.ts'
import { workspace } from './workspace.ts'

/** Functions listed for each thread. */
const LISTED = 30

/** What of V8's profile format is read here. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    variant: { type: 'string' },
    peer: { type: 'string' },
  },
})
const [name = 'fanout-1x1000'] = positionals
const scenario = scenarios({ seconds: Number(values.seconds), scale: Number(values.scale) }).find(
  one => one.name === name,
)
const variant = scenario?.variants.find(one => values.variant === undefined || one.name === values.variant)
const peer =
  scenario &&
  variant &&
  peers
    .filter(one => one.name.startsWith('parley') && (values.peer === undefined || one.name === values.peer))
    .find(one => takesPart(one, scenario) && scenario.notApplicable(one, variant) === undefined)
if (scenario === undefined || variant === undefined || peer === undefined) {
  console.error(
    'usage: node bench/profile.ts [scenario] [--variant name] [--peer name] [--seconds n] [--scale n]; Parley must be able to run it',
  )
  process.exit(2)
}

const folder = fileURLToPath(new URL('data/profiles', import.meta.url))
mkdirSync(folder, { recursive: true })
const output = mkdtempSync(`${folder}/${name}-`)
const directory = mkdtempSync(`${workspace()}/profile-`)
const { users, room, stock, settings } = variant
const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${output}`]
const server = await peer.start({ directory, users, room, stock, durable: scenario.durable, settings, nodeOptions })
const result = await generate(directory, planFor(variant, peer, server)).finally(() => server.stop())

console.log(`${scenario.title} ${variant.name}, ${peer.name}`)
for (const [key, value] of Object.entries(result.numbers)) console.log(`  ${key} ${format(value, 3)}`)
console.log(`  checks ${result.faults.join('; ') || 'ok'}`)
for (const file of readdirSync(output)) {
  console.log(`\n${output}/${file}, self time:`)
  // Written by V8 in the format above.
  for (const line of selfTimes(JSON.parse(readFileSync(`${output}/${file}`, 'utf8')) as Profile))
    console.log(`  ${line}`)
}
process.exit(0)

/** The functions with the largest self time, in percent of the time the thread was not idle. */
function selfTimes({ nodes, samples, timeDeltas }: Profile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, label(callFrame)]))
  const spent = new Map<string, number>()
  samples.forEach((id, i) => {
    const function_ = names.get(id)!
    spent.set(function_, (spent.get(function_) ?? 0) + timeDeltas[i]!)
  })
  spent.delete('(idle)')
  const busy = [...spent.values()].reduce((sum, micros) => sum + micros, 0)
  return [...spent]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LISTED)
    .map(([function_, micros]) => `${format((100 * micros) / busy, 1).padStart(5)} %  ${function_}`)
}

function label({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = url === '' ? '' : ` ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`
  return `${functionName || '(anonymous)'}${place}`
}
