import type { OperatorFetch } from '../../core/ports/outbound.ts'
import type { Later } from '../../core/runs/cast.ts'
import { isModelId } from './catalog.ts'

/** Where model servers listen on this machine unless somebody tells them otherwise: Ollama, LM Studio, llama.cpp and vLLM. */
export const LOCAL_PLACES: readonly ModelPlace[] = [
  { name: 'ollama', url: 'http://127.0.0.1:11434/v1' },
  { name: 'lmstudio', url: 'http://127.0.0.1:1234/v1' },
  { name: 'local', url: 'http://127.0.0.1:8080/v1' },
]

/** Longest wait for all of them together, in milliseconds. */
export const PROBE_TIMEOUT = 300

export interface ModelPlace {
  readonly name: string
  /** Its base URL. */
  readonly url: string
}

/** A server that has models to chat with. */
export interface ModelServer extends ModelPlace {
  /** Never empty. */
  readonly models: readonly [string, ...string[]]
}

export interface ProbePorts {
  readonly fetch: OperatorFetch
  readonly later: Later
}

/** The first of `places` that answers within `timeout` milliseconds and has a model. Never rejects. */
export async function findModelServer(
  places: readonly ModelPlace[],
  timeout: number,
  { fetch, later }: ProbePorts,
): Promise<ModelServer | null> {
  const end = new AbortController()
  const disarm = later(timeout, () => end.abort())
  const found = await Promise.all(places.map(place => ask(place, null, fetch, end.signal)))
  disarm()
  return found.find(server => server !== null) ?? null
}

/** What the server at `place` has, asked for at the most `timeout` milliseconds. Null where it says nothing of use. Never rejects. */
export async function modelsAt(
  place: ModelPlace,
  key: string | null,
  timeout: number,
  { fetch, later }: ProbePorts,
): Promise<ModelServer | null> {
  const end = new AbortController()
  const disarm = later(timeout, () => end.abort())
  const server = await ask(place, key, fetch, end.signal)
  disarm()
  return server
}

async function ask(
  place: ModelPlace,
  key: string | null,
  fetch: OperatorFetch,
  signal: AbortSignal,
): Promise<ModelServer | null> {
  try {
    const headers = key === null ? {} : { authorization: `Bearer ${key}` }
    const response = await fetch(`${place.url}/models`, { headers, signal })
    const [first, ...more] = response.ok ? chatModels(await response.json()) : []
    return first === undefined ? null : { ...place, models: [first, ...more] }
  } catch {
    return null // nobody is there, or it is something else
  }
}

/** Names that tell of a model for something else than conversation. */
const OTHER_USE = /embed|rerank|whisper|tts|bge-|minilm/i

function chatModels(list: unknown): readonly string[] {
  if (typeof list !== 'object' || list === null || !('data' in list) || !Array.isArray(list.data)) return []
  return list.data.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && isForChat(entry.id) ? [entry.id] : [],
  )
}

const isForChat = (id: unknown): id is string => typeof id === 'string' && isModelId(id) && !OTHER_USE.test(id)
