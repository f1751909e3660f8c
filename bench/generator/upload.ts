import { gatherCrowd } from './crowd.ts'
import { startHighWater } from './high-water.ts'
import type { Result, UploadPlan } from './plan.ts'
import { measured, warmUp } from './traffic.ts'
import { openUploader } from './uploader.ts'

/** What a run may leave on the disk. */
const FILES_MAX = 20

/** Traffic of others while a user sends files, one after the other. */
export async function upload(plan: UploadPlan): Promise<Result> {
  const crowd = await gatherCrowd(plan)
  const uploader = plan.fileBytes === 0 ? undefined : await openUploader(plan)
  await warmUp(crowd, plan)
  const memory = startHighWater(plan.pid)
  const took: number[] = []
  const trouble: string[] = []
  let isOver = false

  async function sendFiles(): Promise<void> {
    while (uploader !== undefined && !isOver && took.length < FILES_MAX && trouble.length === 0) {
      const sent = await uploader.upload()
      if (sent.state === 'sent') took.push(sent.seconds)
      else trouble.push(sent.why)
    }
  }

  const sending = sendFiles()
  const result = await measured(crowd, plan)
  isOver = true
  await sending
  const { startMegabytes, highWaterMegabytes } = memory.stop()
  uploader?.leave()
  crowd.disperse()
  const seconds = took.reduce((sum, one) => sum + one, 0)
  return {
    ...result,
    lost: result.lost + trouble.length,
    faults: [...result.faults, ...trouble],
    numbers: {
      ...result.numbers,
      startMegabytes,
      highWaterMegabytes,
      ...(uploader === undefined
        ? {}
        : { uploads: took.length, uploadMegabytesPerSecond: (took.length * plan.fileBytes) / 1e6 / seconds }),
    },
  }
}
