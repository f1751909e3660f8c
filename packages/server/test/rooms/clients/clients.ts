import { fileURLToPath } from 'node:url'
import { type DownFrame, downFrame } from '@parley/protocol/rooms/down'
import { expect } from 'vitest'
import { type Happening, openProgram, type Program } from '../../program.ts'
import type { Running } from '../../start/server.ts'
import { PYTHON } from '../../token-bowl/python.ts'

const path = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

/** What such a client can be told. `connect` and `close` are Python's alone: the guide's JavaScript comes back by itself. */
export type Command =
  | { readonly command: 'chat'; readonly text: string; readonly conversation?: number }
  | { readonly command: 'type'; readonly isTyping: boolean }
  /** A file that says `text` so many times. */
  | { readonly command: 'upload'; readonly name: string; readonly text: string; readonly times: number }
  | { readonly command: 'send'; readonly frame: object }
  | { readonly command: 'connect' | 'close' }

type Typed<T> = Extract<DownFrame, { type: T }>

/** A client written from the guide, in a process of its own. */
export interface GuideClient {
  do(command: Command): void
  /** Waits for something that is no frame, or for that one; what comes before it is passed over. */
  happens(event?: string): Promise<Happening>
  /** Waits for a frame of that type whose data has these fields; others before it are passed over. Its shape is held against the schemas. */
  frame<T extends DownFrame['type']>(type: T, data?: object): Promise<Typed<T>>
  /** All frames until the one that `frame` would return, that one included. */
  framesTo(type: DownFrame['type'], data?: object): Promise<readonly DownFrame[]>
}

const drive = (program: Program): GuideClient => {
  const next = async (): Promise<Happening | DownFrame> => {
    const happening = await program.next()
    if (happening.event !== 'frame') return happening
    const { data, error } = downFrame.safeParse(happening.frame)
    expect(error, JSON.stringify(happening.frame)).toBeUndefined()
    const types = ['chat', 'typing', 'file_upload', 'error']
    expect(happening.handled, 'whether the client had a handler').toBe(types.includes(data?.type ?? ''))
    return data as DownFrame // without an error there is one
  }
  const framesTo = async (type: DownFrame['type'], data: object = {}) => {
    const frames: DownFrame[] = []
    for (;;) {
      const frame = await next()
      if ('event' in frame) throw new Error(`${frame.event} before a frame ${type} ${JSON.stringify(data)}`)
      frames.push(frame)
      if (frame.type === type && expect.objectContaining(data).asymmetricMatch(frame.data)) return frames
    }
  }
  return {
    do: command => program.send(command),
    async happens(event) {
      for (;;) {
        const happening = await next()
        if ('event' in happening && (event ?? happening.event) === happening.event) return happening
      }
    },
    framesTo,
    async frame(type, data) {
      return (await framesTo(type, data)).at(-1) as Typed<typeof type> // it ends with one of that type
    },
  }
}

export interface Where {
  readonly url: string
  readonly token: string
  /** Joined on connecting. */
  readonly room?: string
}

const endpoint = (url: string): string => `${url.replace('http', 'ws')}/api/v1/ws/ws`

/** `second` is how many milliseconds a second of its waiting lasts. */
export const openJavaScript = ({ url, token, room = '' }: Where, second = 1): GuideClient =>
  drive(openProgram(process.execPath, [path('program.js'), endpoint(url), token, room, String(second)]))

export const openPython = ({ url, token, room = '' }: Where): GuideClient =>
  drive(openProgram(PYTHON, [path('chat_client.py'), endpoint(url), token, room]))

/** Somebody with a password. */
export interface Person {
  readonly id: string
  readonly access: string
  /** A WebSocket token. */
  readonly token: string
}

/** Makes an account and gets its tokens, as the guide has it. */
export async function person({ url }: Running, username: string): Promise<Person> {
  const password = 'correct horse battery'
  const email = `${username}@example.org`
  const { id } = await post(`${url}/api/v1/auth/register`, { username, email, password })
  const { access_token: access } = await post(`${url}/api/v1/auth/login`, { username, password })
  const { token } = await post(`${url}/api/v1/ws/token`, undefined, access)
  return { id, access, token } as Person // as the schemas of the endpoints have it
}

async function post(url: string, body?: object, access?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(access ? { authorization: `Bearer ${access}` } : {}),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text)
}
