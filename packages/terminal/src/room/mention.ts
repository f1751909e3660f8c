import type { RoomInfo } from '@parley/client/chat'

/** Whether a text of somebody else is meant for `name`: with an @, or because nobody else reads it. */
export function isMention(text: string, name: string, type: RoomInfo['room_type'] | undefined): boolean {
  if (type === 'direct') return true
  if (name === '') return false
  const found = text.toLowerCase().split(`@${name.toLowerCase()}`)
  return found.some((part, at) => {
    const next = found[at + 1]
    return next !== undefined && !/[\p{L}\p{N}_]$/u.test(part) && !/^[\p{L}\p{N}_]/u.test(next)
  })
}
