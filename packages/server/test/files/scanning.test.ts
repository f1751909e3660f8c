import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Verdict, VirusScanner } from '../../src/core/ports/files.ts'
import { createClamdScanner } from '../../src/files/clamd.ts'
import { needs } from '../needs.ts'
import { folder } from '../system/folder.ts'
import { EICAR, realClamd } from './clamd.ts'
import { type Desk, named, openDesk, refusal } from './core.ts'

const GONE = { uploads: [], files: [] }

/** Sends what the scanner does not let pass, and looks that nothing of it is left. */
async function mustFail(desk: Desk, text: string): Promise<void> {
  const ann = await desk.person('ann')
  const id = await desk.begin(ann, { size: text.length })
  await desk.put(ann, id, 0, 1, text)
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'scan_failed' })
  expect([await desk.store.upload(id), await desk.store.file(id), await desk.kept()]).toEqual([
    undefined,
    undefined,
    GONE,
  ])
  expect(await refusal(desk.finish(ann, id))).toEqual({ code: 'upload_unknown' })
}

needs('clamd')('[FILE-41] an infected file ends its upload, a clean one passes', async () => {
  const desk = await openDesk({ scanner: createClamdScanner({ address: await realClamd() }) })
  await mustFail(desk, EICAR)
  const ben = await desk.person('ben')
  expect((await desk.send(ben, 'harmless')).size).toBe(8)
  expect(desk.faults).toEqual([])
})

test('[FILE-41] while the scanner is down nothing passes, and the operator is told', async () => {
  const desk = await openDesk({ scanner: createClamdScanner({ address: join(folder(), 'nobody') }) })
  await mustFail(desk, 'harmless')
  expect(String(desk.faults.splice(0))).toContain('could not be scanned: connect ENOENT')
})

/** A scanner that answers when it is told to. */
function slowScanner() {
  const asked: ((verdict: Verdict) => void)[] = []
  const scanner: VirusScanner = {
    scan: () => new Promise(resolve => asked.push(resolve)),
  }
  const answer = async (verdict: Verdict) => {
    while (asked.length === 0) await new Promise(resolve => setImmediate(resolve))
    asked.shift()?.(verdict)
  }
  return { scanner, asked, answer }
}

test('[FILE-41] two who finish at once have the file looked at once', async () => {
  const { scanner, asked, answer } = slowScanner()
  const desk = await openDesk({ scanner })
  const ann = await desk.person('ann')
  const id = await desk.begin(ann)
  await desk.put(ann, id, 0, 1, 'abcdef')
  const both = Promise.all([desk.finish(ann, id), desk.finish(ann, id)])
  await answer({ state: 'clean' })
  const [one, other] = await both
  expect([other, asked]).toEqual([one, []])
})

test('[FILE-41] who is removed from the room while the file is looked at sends nothing to it', async () => {
  const { scanner, answer } = slowScanner()
  const desk = await openDesk({ scanner })
  const [ann, ben] = [await desk.person('ann'), await desk.person('ben')]
  const room = await desk.room('team', 'group', ben)
  await desk.join(room, ann)
  const id = await desk.begin(ann, { room: named('team') })
  await desk.put(ann, id, 0, 1, 'abcdef')
  const finishing = refusal(desk.finish(ann, id))
  await desk.leave(room, ann)
  await answer({ state: 'clean' })
  expect(await finishing).toEqual({ code: 'not_member' })
  expect(await desk.store.filesOf(room, null, 10)).toEqual([])
})
