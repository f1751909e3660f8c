import type { DirectoryEvent } from '../core/events.ts'
import type { UserId } from '../core/ids.ts'
import type { User } from '../core/user.ts'

/** Where a user wants to be told of messages. */
export interface Hook {
  readonly url: string
  /** All that logs may say of the URL: what follows the host is often a secret. */
  readonly host: string
  /** Whether the last attempt failed. */
  failing: boolean
}

/** Who has a webhook: read once, then kept true by the directory's events. Viewers have none, and deleting a user clears theirs. */
export class Hooks {
  readonly #hooks = new Map<UserId, Hook>()
  /** Users of whom an event told before everyone was read: what was read of them may be older. */
  readonly #heard = new Set<UserId>()

  hear({ user }: DirectoryEvent): void {
    this.#heard.add(user.id)
    this.#learn(user)
  }

  async load(everyone: () => Promise<readonly User[]>): Promise<void> {
    this.#heard.clear()
    for (const user of await everyone()) if (!this.#heard.has(user.id)) this.#learn(user)
  }

  of(user: UserId): Hook | undefined {
    return this.#hooks.get(user)
  }

  users(): Iterable<UserId> {
    return this.#hooks.keys()
  }

  #learn(user: User): void {
    const { id, webhookUrl: url } = user
    if (url === null || user.role === 'viewer') this.#hooks.delete(id)
    else if (this.#hooks.get(id)?.url !== url) {
      this.#hooks.set(id, { url, host: URL.parse(url)?.host ?? 'no host', failing: false })
    }
  }
}
