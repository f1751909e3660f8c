import type { CollectionId, MessageId, UserId } from './ids.ts'

/** Messages somebody put together under a title. Refers to messages; holds no text of theirs. */
export interface Collection {
  readonly id: CollectionId
  readonly owner: UserId
  readonly title: string | null
  readonly description: string | null
  readonly messages: readonly MessageId[]
  readonly createdAt: number
}
