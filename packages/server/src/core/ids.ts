import type { Ids } from './ports/ids.ts'

/** Ids are strings at run time; the brand keeps one kind from being passed where another is meant. */
declare const brand: unique symbol
type Branded<B extends string> = string & { readonly [brand]: B }

/** UUID v7 of a user, a bot or an agent. Never changes, never reissued. */
export type UserId = Branded<'UserId'>
/** UUID v7 of a room. The label a client chose for a room is never one of these. */
export type RoomId = Branded<'RoomId'>
/** UUID v7 of a message. Sorts by time of creation. */
export type MessageId = Branded<'MessageId'>
/** UUID v7 of a collection of messages. */
export type CollectionId = Branded<'CollectionId'>
/** UUID v7 of one sign-in of a person. */
export type SignInId = Branded<'SignInId'>
/** UUID v7 of an agent's run. */
export type RunId = Branded<'RunId'>
/** UUID v7 of an artefact: a piece of work that an agent saved. */
export type ArtefactId = Branded<'ArtefactId'>
/** UUID v4 of a file: whoever knows one does not know others. */
export type FileId = Branded<'FileId'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether `text` is written as a UUID. Only such a text may be branded. */
export const isUuid = (text: string): boolean => UUID.test(text)

const idOr = <T extends string>(text: string): T | undefined => (isUuid(text) ? (text.toLowerCase() as T) : undefined)

export const userId = (text: string) => idOr<UserId>(text)
export const messageId = (text: string) => idOr<MessageId>(text)
export const collectionId = (text: string) => idOr<CollectionId>(text)
export const roomId = (text: string) => idOr<RoomId>(text)
export const runId = (text: string) => idOr<RunId>(text)
export const artefactId = (text: string) => idOr<ArtefactId>(text)
export const fileId = (text: string) => idOr<FileId>(text)

/** The id of a new file. */
export function newFileId(ids: Ids): FileId {
  const hex = ids.secret(16)
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`]
  return [...parts, hex.slice(20)].join('-') as FileId // 32 random digits written as a version 4 UUID
}
