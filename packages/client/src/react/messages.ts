import { useCallback, useEffect, useMemo } from 'react'
import type { Room } from '../chat/index.ts'
import { listening, useStore } from './store.ts'
import { EMPTY_VIEW, type TimelineView, timelineOf } from './timeline.ts'

export interface Timeline extends TimelineView {
  /** Loads the page before the oldest message, or what failed to load. Without effect while one is loading. */
  readonly loadMore: () => Promise<void>
}

/** The messages of a room that we are in: the newest page at once, older ones by `loadMore`, and everything new live. */
export function useMessages(room: Room, { limit = 50 }: { readonly limit?: number | undefined } = {}): Timeline {
  const timeline = timelineOf(room)
  const view = useStore({ subscribe: timeline.subscribe, read: timeline.read, server: EMPTY_VIEW })
  useEffect(() => {
    const ensure = () => timeline.ensure(limit)
    ensure()
    return listening(
      (event: 'membership' | 'reset', listener) => room.on(event, listener),
      ['membership', 'reset'],
    )(ensure)
  }, [room, timeline, limit])
  const loadMore = useCallback(() => timeline.load(limit), [timeline, limit])
  return useMemo(() => ({ ...view, loadMore }), [view, loadMore])
}
