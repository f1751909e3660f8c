import { expect, test } from 'vitest'
import { openInTemporary } from '../../stores/temporary.ts'
import { until } from '../../world.ts'
import { openDesk } from './desk.ts'

test('[RUN-9] what an agent had said when the process was killed becomes a message at the next start', async () => {
  const under = await openInTemporary()
  const desk = await openDesk(under.store)
  const runs = [await desk.ask(), await desk.ask(), await desk.ask()]
  const { script } = await desk.script(0)
  script.say('half an ')
  await until(() => desk.told().includes('half an '))
  ;(await desk.script(1)).script.finish()
  await until(() => desk.runs.active === 2)
  const store = await under.crash!()
  const next = await openDesk(store)
  await next.runs.recover()
  expect(next.told().toSorted()).toEqual(['<interrupted>', '<interrupted>', 'message: half an ', 'run.ended'])
  const states = (await store.runs(runs)).map(run => run.end?.state)
  expect(states).toEqual(['interrupted', 'completed', 'interrupted'])
  expect((await next.answerOf(runs[0]!)).message).toMatchObject({ body: 'half an ', run: runs[0]! })
  expect(await store.openRuns()).toEqual([])
  await under.close()
})
