import type { Result } from './generator/plan.ts'
import type { Outcome } from './measure.ts'
import type { Column, Scenario } from './scenarios/scenario.ts'

/** Everything one peer did in one variant: an outcome a round, or why there is none. */
export type Run =
  | { readonly state: 'ran'; readonly peer: string; readonly rounds: readonly Outcome[] }
  | { readonly state: 'not applicable'; readonly peer: string; readonly why: string }

export interface VariantReport {
  readonly scenario: string
  readonly variant: string
  readonly runs: readonly Run[]
}

/** The peers that the others are divided by. */
const REFERENCES = ['socket.io', 'bun']

/** A Markdown table of medians over the rounds. `lost` is the sum of all rounds: a loss must not hide in a median. */
export function table(scenario: Scenario, { variant, runs }: VariantReport): string {
  const heads = [
    'server',
    ...scenario.columns.map(column => column.head),
    ...(scenario.ratioOf === undefined ? [] : REFERENCES.map(name => `÷ ${name}`)),
    'server busy',
    'generator busy',
    'checks',
  ]
  const lines = runs.map(run => row(scenario, run, runs))
  return [
    ...(variant === '' ? [] : [`#### ${variant}`, '']),
    line(heads),
    line(heads.map((_, i) => (i === 0 ? '---' : '--:'))),
    ...lines.map(line),
    '',
    ...remarks(runs),
  ].join('\n')
}

function row(scenario: Scenario, run: Run, all: readonly Run[]): string[] {
  if (run.state === 'not applicable') return [run.peer, run.why]
  const results = measured(run)
  if (results.length === 0) return [run.peer, `failed: ${failures(run)[0] ?? 'no rounds'}`]
  return [
    run.peer,
    ...scenario.columns.map(column => cell(results, column)),
    ...ratios(scenario.ratioOf, run, all),
    percent(results.map(result => result.serverCpuSeconds / result.seconds)),
    percent(results.map(result => result.generatorCpuSeconds / result.seconds)),
    checks(run),
  ]
}

function cell(results: readonly Result[], { key, digits }: Column): string {
  if (key === 'lost') return format(total(results.map(result => result.lost)), 0)
  return format(median(numbersOf(results, key)), digits)
}

/** What the servers' last rounds have to say beyond numbers. */
function remarks(runs: readonly Run[]): string[] {
  const lines = runs.flatMap(run => (measured(run).at(-1)?.remarks ?? []).map(text => `- ${run.peer}: ${text}`))
  return lines.length === 0 ? [] : ['In the last round:', '', ...lines, '']
}

function ratios(key: string | undefined, run: Run, all: readonly Run[]): string[] {
  if (key === undefined) return []
  return REFERENCES.map(name =>
    ratio(
      key,
      run,
      all.find(other => other.peer === name),
    ),
  )
}

/** The median of the quotients round by round, so that a slow minute of the machine touches both sides. */
function ratio(key: string, run: Run, reference: Run | undefined): string {
  if (run.state !== 'ran' || reference?.state !== 'ran') return ''
  const quotients = run.rounds.flatMap((outcome, round) => {
    const other = reference.rounds[round]
    if (outcome.state !== 'measured' || other?.state !== 'measured') return []
    return [outcome.result.numbers[key]! / other.result.numbers[key]!]
  })
  return format(median(quotients), 2)
}

function checks(run: Run): string {
  const faults = measured(run).flatMap(result => result.faults)
  const all = [...failures(run), ...faults]
  return all.length === 0 ? 'ok' : [...new Set(all)].join('; ')
}

function measured(run: Run): Result[] {
  return run.state === 'ran' ? run.rounds.flatMap(round => (round.state === 'measured' ? [round.result] : [])) : []
}

function failures(run: Run): string[] {
  return run.state === 'ran' ? run.rounds.flatMap(round => (round.state === 'failed' ? [round.error] : [])) : []
}

/** The median of a number over the rounds of the peer in row `row`; NaN where it never was measured. */
export function medianOf({ runs }: VariantReport, row: number, key: string): number {
  const run = runs[row]
  return run === undefined ? Number.NaN : median(numbersOf(measured(run), key))
}

/** Whether every server that could run lost nothing and passed every check. */
export function clean(reports: readonly VariantReport[]): boolean {
  return reports.every(({ runs }) =>
    runs.every(run => failures(run).length === 0 && measured(run).every(result => result.faults.length === 0)),
  )
}

/** Numbers that weren't measured, as the quantile of nothing, arrive as null. */
function numbersOf(results: readonly Result[], key: string): number[] {
  return results.map(result => result.numbers[key]).filter(value => typeof value === 'number')
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function percent(shares: readonly number[]): string {
  return `${format(100 * median(shares), 0)} %`
}

export function format(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '-'
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(text => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`
}
