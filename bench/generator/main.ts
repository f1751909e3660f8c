import { readFileSync, writeFileSync } from 'node:fs'
import { agents } from './agents.ts'
import { arrivals } from './arrivals.ts'
import { ceiling } from './ceiling.ts'
import { idle } from './idle.ts'
import type { Plan, Result } from './plan.ts'
import { reads } from './reads.ts'
import { restore } from './restore.ts'
import { resume } from './resume.ts'
import { streams } from './streams.ts'
import { stuck } from './stuck.ts'
import { teams } from './teams.ts'
import { traffic } from './traffic.ts'
import { upload } from './upload.ts'

/** One process, one plan, one result: `node generator/main.ts <plan.json> <result.json>`. */
const [planFile, resultFile] = process.argv.slice(2)
if (planFile === undefined || resultFile === undefined) throw new Error('usage: main.ts <plan.json> <result.json>')

const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan // written by the runner, our own
writeFileSync(resultFile, JSON.stringify(await carryOut(plan)))
process.exit(0)

function carryOut(work: Plan): Promise<Result> {
  switch (work.kind) {
    case 'traffic':
      return traffic(work)
    case 'stuck':
      return stuck(work)
    case 'resume':
      return resume(work)
    case 'reads':
      return reads(work)
    case 'upload':
      return upload(work)
    case 'agents':
      return agents(work)
    case 'streams':
      return streams(work)
    case 'teams':
      return teams(work)
    case 'restore':
      return restore(work)
    case 'idle':
      return idle(work)
    case 'connect':
      return arrivals(work)
    case 'ceiling':
      return ceiling(work)
  }
}
