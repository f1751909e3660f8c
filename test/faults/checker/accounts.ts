import type { Account, History } from '../history.ts'
import type { Index } from './index.ts'
import type { Violation } from './violation.ts'

/** DUR-6: accounts are there, keys that were given work, keys that were replaced do not. Asks the server's own answers. */
export function accountsHold(history: History, { idOf, snapshot: { keys } }: Index): Violation[] {
  return [...history.accounts].flatMap(([name, account]) =>
    [idOf.get(name) === account.id ? '' : `the account ${name} is missing`, ...keyFaults(name, account, keys)]
      .filter(what => what !== '')
      .map(what => ({ rule: 'DUR-6', what })),
  )
}

function keyFaults(name: string, { key, dead }: Account, keys: ReadonlyMap<string, string | null>): string[] {
  const holder = key === null ? undefined : keys.get(key)
  return [
    holder === undefined || holder === name ? '' : `the key given to ${name} opens ${holder ?? 'nothing'}`,
    ...dead.map(old => (keys.get(old) ? `a replaced key of ${name} still works` : '')),
  ]
}
