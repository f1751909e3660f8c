import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Result } from './generator/plan.ts'
import { missingTools } from './launch.ts'
import { machine } from './machine.ts'
import { measure, measureCeiling, type Outcome } from './measure.ts'
import { peers } from './peers/index.ts'
import type { Peer } from './peers/peer.ts'
import { clean, format, type Run, table, type VariantReport } from './report.ts'
import { scenarios } from './scenarios/index.ts'
import { type Scenario, takesPart, type Variant } from './scenarios/scenario.ts'

const QUICK = { rounds: '1', seconds: '0.3', scale: '0.02' }
const USAGE = `usage: node bench/run.ts [scenario...] [options]

  --rounds n        times every server runs each scenario, in turn (3; at most 20)
  --seconds n       measured time of one run (5; at most 60)
  --scale n         share of the full number of connections (1; at most 1)
  --quick           one short round at a fiftieth of the size: shows that it works, measures nothing
  --peers a,b       only these: ${peers.map(peer => peer.name).join(', ')}
  --json file       every number of every round
  --markdown file   what is printed
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    scale: { type: 'string' },
    quick: { type: 'boolean', default: false },
    peers: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const rounds = number('rounds', '3', 1, 20)
const effort = { seconds: number('seconds', '5', 0.1, 60), scale: number('scale', '1', 0.001, 1) }
const chosenPeers = choose('peer', values.peers?.split(',') ?? [], peers)
const chosen = choose('scenario', positionals, scenarios(effort))
const printed: string[] = []

if (values.help) quit(USAGE, 0)
const missing = missingTools() ?? chosenPeers.map(peer => peer.missing()).find(why => why !== undefined)
if (missing !== undefined) quit(missing, 1)

const head = machine(['node bench/run.ts', ...process.argv.slice(2)].join(' '))
say(
  `# Parley beside its peers\n\n${head.map(line => `- ${line}`).join('\n')}\n- Medians of ${rounds} rounds; every round runs ${chosenPeers.map(peer => peer.name).join(', ')} in this order\n`,
)

const ceiling = await measureCeiling(Math.min(2, effort.seconds))
say(`${describeCeiling(ceiling)}\n`)

const reports: VariantReport[] = []
for (const scenario of chosen) {
  const ratios = scenario.ratioOf === undefined ? '' : ` Ratios are of ${scenario.ratioOf}, round by round.`
  say(`## ${scenario.title}\n\n${scenario.about}${ratios}\n`)
  const own: VariantReport[] = []
  for (const variant of scenario.variants) {
    const report = { scenario: scenario.name, variant: variant.name, runs: await runAll(scenario, variant) }
    own.push(report)
    say(table(scenario, report))
  }
  reports.push(...own)
  if (scenario.conclusion !== undefined) say(`${scenario.conclusion(own)}\n`)
}
if (values.json !== undefined)
  writeFileSync(values.json, JSON.stringify({ head, rounds, effort, ceiling, reports }, null, 2))
if (values.markdown !== undefined) writeFileSync(values.markdown, `${printed.join('\n')}`)
process.exit(clean(reports) ? 0 : 1)

/** A B C D, A B C D, ...: what changes on the machine meanwhile touches all of them. */
async function runAll(scenario: Scenario, variant: Variant): Promise<Run[]> {
  const taking = chosenPeers.filter(peer => takesPart(peer, scenario))
  const outcomes = new Map<Peer, Outcome[]>(taking.map(peer => [peer, []]))
  for (let round = 0; round < rounds; round++) {
    for (const peer of taking) {
      if (scenario.notApplicable(peer, variant) === undefined)
        outcomes.get(peer)!.push(await measure(scenario, variant, peer))
    }
  }
  return taking.map(peer => {
    const why = scenario.notApplicable(peer, variant)
    if (why !== undefined) return { state: 'not applicable', peer: peer.name, why }
    return { state: 'ran', peer: peer.name, rounds: outcomes.get(peer)! }
  })
}

/** The share of time the generator was busy tells what it could count with a faster sender. */
function describeCeiling({ numbers }: Result): string {
  const [frames, bytes] = [format(numbers.framesPerSecond!, 0), format(numbers.bytesPerFrame!, 0)]
  const [own, sender] = [format(numbers.generatorBusyPercent!, 0), format(numbers.senderBusyPercent!, 0)]
  const limit = format((100 * numbers.framesPerSecond!) / numbers.generatorBusyPercent!, 0)
  return (
    `Ceiling: the generator counts ${frames} frames/s of ${bytes} bytes from a sender that only writes prebuilt frames, ` +
    `busy ${own} % of the time (sender ${sender} %), so about ${limit} at most.`
  )
}

function say(text: string): void {
  printed.push(text)
  console.log(text)
}

function number(name: keyof typeof QUICK, otherwise: string, least: number, most: number): number {
  const given = values[name] ?? (values.quick ? QUICK[name] : otherwise)
  const value = Number(given)
  if (!(value >= least && value <= most)) quit(`--${name} ${given}: a number from ${least} to ${most}\n\n${USAGE}`, 2)
  return value
}

function choose<T extends { readonly name: string }>(
  what: string,
  names: readonly string[],
  from: readonly T[],
): readonly T[] {
  const unknown = names.find(name => !from.some(one => one.name === name))
  if (unknown !== undefined) quit(`no ${what} ${unknown}; there are ${from.map(one => one.name).join(', ')}`, 2)
  return names.length === 0 ? from : from.filter(one => names.includes(one.name))
}

function quit(text: string, code: number): never {
  console.error(text)
  process.exit(code)
}
