import { expect, test } from 'vitest'
import { killAnswers } from './answers/siege.ts'
import { guide, model, type Source } from './answers/sources.ts'
import { fallBehind } from './behind.ts'
import type { Violation } from './checker/violation.ts'
import type { Plant } from './planted/plants.ts'
import { seedOfThisRun } from './random.ts'
import { report } from './report.ts'
import { retry } from './retry/retrying.ts'
import { besiegeRooms } from './rooms/siege.ts'
import { besiege, killed } from './siege.ts'

type Rule = Violation['rule']
type Hunt = (plant: Plant, rule: Rule) => Promise<{ readonly violations: readonly Violation[] }>

/** Within so many kills the bug has to show. */
const underSiege =
  (ends: number): Hunt =>
  (plant, hunting) =>
    besiege({ seed: seedOfThisRun(), ends, end: killed, plant, hunting })

const underAnswers =
  (source: Source, kills: number): Hunt =>
  plant =>
    killAnswers({ seed: seedOfThisRun(), kills, source, plant })

/** Bugs, the rule that they break at the least, and who looks for them. */
const HUNTS: readonly (readonly [Plant, Rule, Hunt])[] = [
  ['acknowledges before the commit', 'DUR-1', underSiege(10)],
  ['gives every tenth message the number after the next', 'DUR-3', underSiege(10)],
  ['forgets to count own messages', 'DUR-5', underSiege(10)],
  ['resumes from the log one too late', 'DUR-7', fallBehind],
  ['resumes from the log one too early', 'DUR-7', fallBehind],
  // Who came back is judged at the end only.
  ['resumes from the history one too late', 'DUR-8', underSiege(3)],
  ['resumes a cursor one too late', 'ROOMS-190', plant => besiegeRooms({ seed: seedOfThisRun(), kills: 1, plant })],
  ['loses a committed step of an answer', 'ROOMS-191', underAnswers(model, 3)],
  ['shows a step of an answer before the commit', 'ROOMS-191', underAnswers(model, 10)],
  ['has an answer go on one character too late', 'ROOMS-193', underAnswers(model, 2)],
  ['gives an answer that goes on by itself from its beginning', 'ROOMS-193', underAnswers(guide, 8)],
  ['stores a repeat as a new message', 'DUR-9', plant => retry({ seed: seedOfThisRun(), kills: 5, plant })],
]

test.for(HUNTS)('a server that %s is caught by %s', async ([plant, rule, hunt]) => {
  const { violations } = await hunt(plant, rule)
  report(
    `planted "${plant}": ${violations.length} violations, of ${[...new Set(violations.map(v => v.rule))].join(', ')}`,
  )
  expect(violations.map(violation => violation.rule)).toContain(rule)
})
