import { setTimeout as sleep } from 'node:timers/promises'
import { dial, dialAll } from './dial.ts'
import { dialects } from './dialects.ts'
import { textFrame } from './frames.ts'
import type { CeilingPlan, Result } from './plan.ts'
import { startClock } from './proc.ts'

/** Counts frames from a server that only writes prebuilt bytes: no chat server can make this generator count more. */
export async function ceiling(plan: CeilingPlan): Promise<Result> {
  let frames = 0
  let bytes = 0
  const connections = await dialAll(plan.targets.length, 50, index =>
    dial(
      { port: plan.port, target: plan.targets[index]!, dialect: dialects[plan.dialect] },
      {
        countAbove: plan.contentLength,
        text: () => {},
        read(size, counted) {
          frames += counted
          bytes += size
        },
        closed: () => {},
      },
    ),
  )
  connections[0]!.send(textFrame('go'))
  await sleep(500)
  const before = { frames, bytes }
  const clock = startClock(plan.pid)
  await sleep(plan.seconds * 1000)
  const used = clock.stop()
  const counted = { frames: frames - before.frames, bytes: bytes - before.bytes }
  for (const connection of connections) connection.destroy()
  return {
    ...used,
    lost: 0,
    faults: [],
    numbers: {
      framesPerSecond: counted.frames / used.seconds,
      bytesPerFrame: counted.bytes / counted.frames,
      generatorBusyPercent: (100 * used.generatorCpuSeconds) / used.seconds,
      senderBusyPercent: (100 * used.serverCpuSeconds) / used.seconds,
    },
  }
}
