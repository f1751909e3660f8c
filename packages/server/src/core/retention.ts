import type { Context } from './context.ts'
import type { RoomId } from './ids.ts'

type Trimming = Pick<Context, 'settings' | 'commits' | 'chores'>

/** Messages erased in one transaction. */
const SLICE = 500

/**
 * Erases what exceeds the history limit, if there is one: to be called after each new message. A room holds at most a tenth
 * more than the limit, so that not every message pays for erasing another.
 */
export function trimAfter(ctx: Trimming, room: RoomId, ordinal: number): void {
  const keep = ctx.settings.historyLimit
  if (keep === null || ordinal <= keep || ordinal % Math.max(1, Math.floor(keep / 10)) !== 0) return
  ctx.chores.start(async () => {
    const { removed } = await ctx.commits.run({ type: 'room.trim', room, keep, limit: SLICE })
    return removed === SLICE
  })
}
