import type { DownFrame } from '@parley/protocol/rooms/down'

/** A frame of the server, told apart by `type`. Those of a newer server may have types that are not here. */
export type RoomsFrame = DownFrame
export type RoomsFrameType = RoomsFrame['type']
export type RoomsFrameOf<T extends RoomsFrameType> = Extract<RoomsFrame, { readonly type: T }>

export type ChatFrame = RoomsFrameOf<'chat'>
export type TypingFrame = RoomsFrameOf<'typing'>
export type FileUploadFrame = RoomsFrameOf<'file_upload'>
export type ErrorFrame = RoomsFrameOf<'error'>
export type Joined = RoomsFrameOf<'join_room'>['data']
export type Left = RoomsFrameOf<'leave_room'>['data']
export type Uploaded = Extract<FileUploadFrame['data'], { readonly status: 'completed' }>

/** Reads a frame. Undefined for what is none. */
export function readRoomsFrame(text: string): RoomsFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    const { type, data } = Object(frame) as { type?: unknown; data?: unknown } // checked here
    // What is inside is what the server's schemas promise.
    return typeof type === 'string' && typeof data === 'object' && data !== null ? (frame as RoomsFrame) : undefined
  } catch {
    return undefined
  }
}
