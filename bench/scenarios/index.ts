import { agents } from './agents.ts'
import { connectRate } from './connect-rate.ts'
import { deepStore } from './deep-store.ts'
import { direct } from './direct.ts'
import { durableSend } from './durable-send.ts'
import { fanoutOneRoom } from './fanout-1x1000.ts'
import { fanoutManyRooms } from './fanout-100x10.ts'
import { idleMemory } from './idle-memory.ts'
import { resume } from './resume.ts'
import type { Effort, Scenario } from './scenario.ts'
import { streams } from './streams.ts'
import { stuckReader } from './stuck-reader.ts'
import { teams } from './teams.ts'
import { uploadBesideChat } from './upload-beside-chat.ts'

/** Every scenario, in the order of the report. */
export function scenarios(effort: Effort): Scenario[] {
  const builds = [
    fanoutOneRoom,
    fanoutManyRooms,
    direct,
    durableSend,
    stuckReader,
    resume,
    deepStore,
    uploadBesideChat,
    agents,
    streams,
    teams,
    idleMemory,
    connectRate,
  ]
  return builds.map(build => build(effort))
}
