import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryBroker } from '../brokers/memory/broker.ts'
import type { CoreSettings } from '../core/context.ts'
import { type Core, createCore } from '../core/core.ts'
import type { AgentRunner } from '../core/ports/agents.ts'
import type { ArtefactKinds } from '../core/ports/artefact-kinds.ts'
import type { VirusScanner } from '../core/ports/files.ts'
import type { Mailer } from '../core/ports/mailer.ts'
import type { OutboundPolicy } from '../core/ports/outbound.ts'
import type { Verifier } from '../core/ports/verifier.ts'
import { type DiskOptions, openFiles } from '../files/disk.ts'
import type { CommitObserver } from '../metrics/metrics.ts'
import { type WatchedStore, watchStore } from '../metrics/store.ts'
import { StoreUnusable } from '../stores/sqlite/connection.ts'
import { openSqliteSearch } from '../stores/sqlite/search/search.ts'
import { DATABASE_FILE, openSqliteStore } from '../stores/sqlite/store.ts'
import { systemClock } from '../system/clock.ts'
import { openDataDir } from '../system/data-dir.ts'
import { OperatorFault } from '../system/fault.ts'
import { createIds } from '../system/ids.ts'
import { createKeyring } from '../system/keyring.ts'
import { createPasswords } from '../system/passwords.ts'
import { openSecret } from '../system/secret.ts'
import { createTokens } from '../system/tokens.ts'

export interface OpenOptions {
  readonly directory: string
  readonly secretKey: string | null
  readonly settings: CoreSettings
  readonly mailer: Mailer | null
  readonly files: DiskOptions
  readonly scanner: VirusScanner | null
  readonly agents: AgentRunner
  readonly artefactKinds?: ArtefactKinds
  readonly outbound: OutboundPolicy
  readonly verifier?: Verifier | null
  readonly commits: CommitObserver
  readonly onFault: (error: unknown) => void
  readonly onNotice?: (fields: object, text: string) => void
}

export interface Opened {
  readonly core: Core
  readonly watched: WatchedStore
  /** Resolves once every accepted write is on the disk and the store is closed. */
  close(): Promise<void>
}

/** The core on the data directory of this machine. Throws OperatorFault where that can't be had. */
export async function openCore({ directory, secretKey, files, commits, ...ports }: OpenOptions): Promise<Opened> {
  openDataDir(directory)
  const secret = openSecret(directory, secretKey, existsSync(join(directory, DATABASE_FILE)))
  const watched = watchStore(await openStore(directory), commits)
  const search = openSqliteSearch(directory, {
    forget: upTo => forgetChanges(core, upTo),
    onRemade: why =>
      ports.onNotice?.({ why }, 'the search index is made anew; until it is whole, older messages are missing'),
    onFault: ports.onFault,
  })
  const core: Core = createCore({
    ...ports,
    store: watched.store,
    search,
    broker: createMemoryBroker(ports.onFault),
    clock: systemClock,
    ids: createIds(),
    keyring: createKeyring(secret),
    passwords: createPasswords(),
    tokens: createTokens(secret),
    files: openFiles(files),
  })
  await core.start()
  return {
    core,
    watched,
    async close() {
      await core.stop()
      // Before the store: what it is about to forget there it forgets.
      await search.close()
      await core.drained()
      await watched.store.close()
    },
  }
}

/** Changes that are forgotten in one transaction. */
const FORGOTTEN_AT_ONCE = 500

async function forgetChanges({ context }: Core, upTo: number): Promise<void> {
  const write = { type: 'search.forget', upTo, limit: FORGOTTEN_AT_ONCE } as const
  while ((await context.commits.run(write)).removed === FORGOTTEN_AT_ONCE);
}

async function openStore(directory: string) {
  try {
    return await openSqliteStore(directory)
  } catch (error) {
    if (error instanceof StoreUnusable) throw new OperatorFault(error.message)
    throw error
  }
}
