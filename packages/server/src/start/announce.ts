import type { Settings } from '../config.ts'
import type { Core } from '../core/core.ts'
import type { Log } from '../sessions/observe.ts'
import { version } from './version.ts'
import { openings, registration, welcome } from './welcome.ts'

export interface Announcement {
  readonly core: Core
  readonly settings: Settings
  readonly directory: string
  readonly url: string
  /** Who answers as the assistant. */
  readonly assistant: string
  readonly log: Log
}

/**
 * Says that the server is ready: to a person at the terminal with everything they need to begin, elsewhere in the log.
 * The one-time link for the first admin goes to the terminal only, so that no log collects it.
 */
export async function announce({ core, settings, directory, url, assistant, log }: Announcement): Promise<void> {
  if (process.stdout.isTTY) {
    const offer = await core.execute({ kind: 'operator' }, { type: 'account.offer_admin' })
    process.stdout.write(welcome({ version, url, directory, settings, assistant, adminToken: offer?.token ?? null }))
    return
  }
  for (const text of openings(settings)) log.warn({}, text)
  log.info(
    { version, url, host: settings.HOST, data: directory, registration: registration(settings), assistant },
    'ready',
  )
  if (!(await core.context.store.hasAdmin()))
    log.info({}, 'there is no admin yet; make one with: npm run parley -- admin NAME')
}
