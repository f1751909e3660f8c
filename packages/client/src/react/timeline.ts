import type { ChatError, Room, SentMessage, ShownMessage } from '../chat/index.ts'

/** What is shown of a room's messages. Another object whenever something changed, and the same one until then. */
export interface TimelineView {
  /** Oldest first, without a hole up to the newest; our own that are under way come last. */
  readonly messages: readonly ShownMessage[]
  /** Whether there are older ones. */
  readonly hasMore: boolean
  readonly isLoading: boolean
  /** Why the last page did not come. */
  readonly error: ChatError | null
}

export const EMPTY_VIEW: TimelineView = { messages: [], hasMore: false, isLoading: false, error: null }

const NO_PAGES = { older: [] as readonly SentMessage[], isLoaded: false, isLoading: false, hasMore: false, error: null }
type Pages = Omit<typeof NO_PAGES, 'error'> & { readonly error: ChatError | null }

/**
 * A room's messages as far back as somebody went. The room itself holds the newest ones; older pages are held here, for as long
 * as somebody looks.
 */
export class Timeline {
  readonly #room: Room
  readonly #listeners = new Set<() => void>()
  #pages: Pages = NO_PAGES
  /** The room's list as it was when it was last looked at. */
  #list: readonly ShownMessage[] = []
  /** What is shown, and what it was made of. */
  #shown = { view: EMPTY_VIEW, of: { pages: this.#pages, list: EMPTY_VIEW.messages } }
  #offs: readonly (() => void)[] = []
  /** Grows whenever pages under way are of no use any more. */
  #life = 0

  constructor(room: Room) {
    this.#room = room
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = () => listener()
    this.#listeners.add(own)
    if (this.#offs.length === 0) this.#begin()
    return () => {
      this.#listeners.delete(own)
      // Who comes back at once finds everything as it was.
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#end()
      })
    }
  }

  readonly read = (): TimelineView => {
    this.#follow()
    return this.#shown.view
  }

  /** Loads the page before the oldest message, or the newest one where nothing is here. Without effect while one is loading. */
  readonly load = async (limit: number): Promise<void> => {
    if (this.#pages.isLoading) return
    const life = this.#life
    const before = (this.#pages.older[0] ?? firstSent(this.#room.messages.list))?.ordinal
    this.#set({ isLoading: true, error: null })
    try {
      const page = await this.#room.history(before === undefined ? { limit } : { before, limit })
      if (life !== this.#life) return
      const first = firstSent(this.#room.messages.list)?.ordinal ?? Number.POSITIVE_INFINITY
      const older = [...page.messages, ...this.#pages.older].filter(({ ordinal }) => ordinal < first)
      this.#set({ older, hasMore: page.more_before, isLoading: false })
    } catch (error) {
      // Methods of rooms reject with ChatError.
      if (life === this.#life) this.#set({ error: error as ChatError, isLoading: false })
    }
  }

  /** Loads messages where there are few, once. */
  readonly ensure = (limit: number): void => {
    if (this.#pages.isLoaded || this.#room.membership !== 'member') return
    const isEnough = this.#room.messages.list.filter(({ state }) => state === 'sent').length >= limit
    this.#set({ isLoaded: true, hasMore: isEnough })
    if (!isEnough) void this.load(limit)
  }

  #begin(): void {
    const room = this.#room
    this.#offs = [
      room.on('update', () => this.#changed()),
      room.on('edited', ({ message }) => {
        this.#set({ older: this.#pages.older.map(known => (known.id === message.id ? message : known)) })
      }),
      room.on('deleted', ({ ordinal }) => {
        const stays = (message: ShownMessage) => message.state !== 'sent' || message.ordinal !== ordinal
        this.#list = this.#list.filter(stays)
        this.#set({ older: this.#pages.older.filter(message => message.ordinal !== ordinal) })
      }),
      room.on('reset', () => this.#forget()),
      room.on('membership', () => this.#forget()),
    ]
  }

  /** What happens while nobody looks is not known: older pages are loaded anew. */
  #end(): void {
    for (const off of this.#offs) off()
    this.#offs = []
    this.#forget()
  }

  #forget(): void {
    this.#life++
    this.#list = this.#room.messages.list
    this.#set(NO_PAGES)
  }

  #set(pages: Partial<Pages>): void {
    this.#pages = { ...this.#pages, ...pages }
    this.#changed()
  }

  #changed(): void {
    this.#follow()
    for (const listener of [...this.#listeners]) listener()
  }

  #follow(): void {
    const { list } = this.#room.messages
    if (list !== this.#list) this.#adopt(list)
    const { older, hasMore, isLoading, error } = this.#pages
    const { view, of } = this.#shown
    if (of.pages === this.#pages && of.list === list) return
    const isSame = of.pages.older === older && of.list === list
    const messages = isSame ? view.messages : older.length === 0 ? list : [...older, ...list]
    this.#shown = { view: { messages, hasMore, isLoading, error }, of: { pages: this.#pages, list } }
  }

  /** The room drops its oldest messages when there are many; those are ours then, where what is before them is. */
  #adopt(list: readonly ShownMessage[]): void {
    const first = firstSent(list)?.ordinal ?? 0
    const dropped = this.#list.filter(message => message.state === 'sent').filter(({ ordinal }) => ordinal < first)
    this.#list = list
    if (dropped.length === 0) return
    const { older } = this.#pages
    this.#pages = { ...this.#pages, ...(older.length > 0 ? { older: [...older, ...dropped] } : { hasMore: true }) }
  }
}

const firstSent = (list: readonly ShownMessage[]): SentMessage | undefined =>
  list.find(message => message.state === 'sent')

const timelines = new WeakMap<Room, Timeline>()

/** The one of a room. */
export function timelineOf(room: Room): Timeline {
  const known = timelines.get(room) ?? new Timeline(room)
  timelines.set(room, known)
  return known
}
