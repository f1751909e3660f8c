import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { FileSettings } from '../../src/core/context.ts'
import type { CommandOf, CommandType, ResultOf } from '../../src/core/core.ts'
import type { CoreEvent } from '../../src/core/events.ts'
import type { FileId, RoomId } from '../../src/core/ids.ts'
import type { RoomRef } from '../../src/core/places.ts'
import type { VirusScanner } from '../../src/core/ports/files.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { Refused } from '../../src/core/refusals.ts'
import type { JoinableKind } from '../../src/core/room.ts'
import type { Actor, Role } from '../../src/core/user.ts'
import { openFiles } from '../../src/files/disk.ts'
import { openMemoryStore } from '../../src/stores/memory/store.ts'
import { folder } from '../system/folder.ts'
import { actorOf, type Member, openCore, TestClock, testIds, testSettings } from '../world.ts'

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

export interface DeskOptions {
  readonly settings?: Partial<FileSettings>
  readonly scanner?: VirusScanner
  readonly store?: Store
}

/** A core on a memory store and a folder of its own, and short words for sending files to it. */
export async function openDesk({ settings, scanner, store = openMemoryStore() }: DeskOptions = {}) {
  const directory = folder()
  const [clock, faults] = [new TestClock(), [] as unknown[]]
  const files = openFiles({ directory, temporary: join(directory, 'temp') })
  const options = { files, settings: { files: { ...testSettings.files, ...settings } }, ...(scanner && { scanner }) }
  /** As after a restart: nothing is remembered that is not stored. */
  const open = async () => {
    const core = openCore(store, clock, faults, options)
    await core.start()
    return core
  }
  let core = await open()
  const events: CoreEvent[] = []
  core.context.broker.subscribe(batch => events.push(...batch))
  onTestFinished(() => expect(faults).toEqual([]))

  const run = <T extends CommandType>(as: Member | Actor, command: CommandOf<T>): Promise<ResultOf<T>> =>
    core.execute('kind' in as ? as : actorOf(as), command)

  return {
    ...{ clock, directory, events, faults, files, run, store },
    async restart() {
      core = await open()
    },
    get context() {
      return core.context
    },
    person: (name: string, role: Role = 'member'): Promise<Member> =>
      core.execute({ kind: 'operator' }, { type: 'account.register', name, role }),
    /** A room with its owner in it. */
    async room(label: string, kind: JoinableKind, owner: Member): Promise<RoomId> {
      const id = testIds.uuid() as RoomId
      const room = { id, kind, label, name: label, owner: owner.user.id, assistant: 'off' as const }
      await core.context.commits.run({ type: 'room.create', room, at: clock.now() })
      return id
    },
    join: (room: RoomId, { user }: Member) =>
      core.context.commits.run({ type: 'member.join', room, user: user.id, at: clock.now() }),
    leave: (room: RoomId, { user }: Member) =>
      core.context.commits.run({ type: 'member.leave', room, user: user.id, at: clock.now() }),
    async begin(as: Member, over: Partial<CommandOf<'upload.begin'>> = {}): Promise<FileId> {
      const { upload } = await run(as, {
        ...{ type: 'upload.begin', name: 'notes.txt', size: 6, mimeType: 'text/plain', room: null },
        ...over,
      })
      return upload.id
    },
    put: (as: Member, id: string, index: number, total: number, bytes: string | Uint8Array) =>
      run(as, { type: 'upload.put', id, index, total, bytes: Buffer.from(bytes) }),
    finish: (as: Member, id: string, over: Partial<CommandOf<'upload.finish'>> = {}) =>
      run(as, { type: 'upload.finish', id, checksum: null, ...over }),
    /** A file of these words, in one piece. */
    async send(as: Member, text: string, over: Partial<CommandOf<'upload.begin'>> = {}) {
      const id = await this.begin(as, { size: Buffer.byteLength(text), ...over })
      await this.put(as, id, 0, 1, text)
      return (await this.finish(as, id)).file
    },
    kept: () => files.kept(),
    /** Resolves when the bytes of all but so many files are gone. */
    async untilKept(count: number) {
      while ((await files.kept()).files.length > count);
    },
    async sweep() {
      return run({ kind: 'operator' }, { type: 'uploads.sweep' })
    },
  }
}

export type Desk = Awaited<ReturnType<typeof openDesk>>

export const named = (label: string): RoomRef => ({ by: 'label', label })

/** Why a command was refused. */
export async function refusal(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked
  } catch (error) {
    if (error instanceof Refused) return error.refusal
    throw error
  }
  throw new Error('it was not refused')
}
