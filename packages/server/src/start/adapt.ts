import { resolve } from 'node:path'
import { FRAME_BURST, FRAME_RATE } from '@parley/protocol/rooms/level2/limits'
import { openFilesLimit } from '../config/open-files.ts'
import type { Settings } from '../config.ts'
import type { CoreSettings } from '../core/context.ts'
import type { DiskOptions } from '../files/disk.ts'
import type { LogOptions } from '../log.ts'
import type { VerifierOptions } from '../outbound/verifier.ts'
import type { TalkSettings } from '../protocols/assistant/decode.ts'
import type { ViewLimits } from '../protocols/view.ts'
import type { SessionSettings } from '../sessions/sessions.ts'
import type { TrustSettings } from '../sessions/trust.ts'

/** Share of the open files that sockets may have; the rest is for the store, logs and requests. */
const SOCKETS_SHARE = 0.9

/** The core's part of the settings. `address` is where the server listens, for when nobody said where it is reached. */
export const coreSettings = (settings: Settings, address: () => string): CoreSettings => ({
  registration: settings.REGISTRATION,
  selfAssignedRoles: settings.TOKEN_BOWL_SELF_ASSIGNED_ROLES,
  messageRate: settings.MESSAGE_RATE_LIMIT,
  registrationRate: settings.REGISTRATION_RATE_LIMIT,
  signInRate: settings.SIGN_IN_RATE_LIMIT,
  searchRate: settings.SEARCH_RATE_LIMIT,
  historyLimit: settings.MESSAGE_HISTORY_LIMIT,
  get publicUrl() {
    return settings.PUBLIC_URL ?? address()
  },
  files: {
    maxFile: settings.MAX_FILE_SIZE,
    maxChunk: settings.MAX_CHUNK_SIZE,
    quotaPerUser: settings.FILE_QUOTA_PER_USER || null,
    quotaTotal: settings.FILE_QUOTA_TOTAL || null,
  },
  guests: {
    openness: settings.GUESTS,
    max: settings.GUESTS_MAX,
    maxPerAddress: settings.GUESTS_MAX_PER_ADDRESS,
  },
  approvalTime: settings.APPROVAL_TIME * 1000,
})

/** Where files are. */
export const fileFolders = ({ UPLOAD_DIR: uploads, TEMP_DIR: temporary }: Settings, dataDir: string): DiskOptions => ({
  directory: resolve(dataDir, uploads),
  temporary: resolve(dataDir, temporary),
})

/** Where the virus scanner is; null where files are not looked at. */
export const scannerAddress = ({ VIRUS_SCAN_ENABLED: isOn, CLAMD_ADDRESS: address }: Settings): string | null =>
  isOn ? address : null

export const trustSettings = (settings: Settings): TrustSettings => ({
  publicUrl: settings.PUBLIC_URL,
  trustProxy: settings.TRUST_PROXY,
  allowedOrigins: settings.ALLOWED_ORIGINS,
  allowedHosts: settings.ALLOWED_HOSTS,
})

/** After how many seconds of silence a client of the rooms protocol counts as gone. */
const ROOMS_IDLE = 1_800
/** Fifty frames a second, and as many as two hundred at once. */
const FRAMES_LEVEL_2 = { count: FRAME_BURST, seconds: FRAME_BURST / FRAME_RATE } as const

const roomsLimits = (settings: Settings): Partial<ViewLimits> => ({
  connections: settings.WEBSOCKET_MAX_CONNECTIONS,
  connectionsPerUser: settings.WEBSOCKET_MAX_CONNECTIONS_PER_USER || null,
  heartbeatSeconds: settings.WEBSOCKET_HEARTBEAT_INTERVAL,
  sweepSeconds: settings.WEBSOCKET_CLEANUP_INTERVAL,
  staleSeconds: ROOMS_IDLE,
  frames: { count: settings.WS_RATE_LIMIT_REQUESTS, seconds: settings.WS_RATE_LIMIT_WINDOW },
})

/** How often clients that want nothing are looked for, at the most, in seconds. */
const IDLE_SWEEP = 300

const assistantLimits = ({ BEDROCK_SESSION_TIMEOUT: idle, ...settings }: Settings): Partial<ViewLimits> => ({
  connections: settings.BEDROCK_MAX_SESSIONS,
  idleSeconds: idle,
  sweepSeconds: Math.min(settings.HEARTBEAT_INTERVAL, idle, IDLE_SWEEP),
  frames: settings.BEDROCK_RATE_LIMIT,
})

/** What talks with the assistant are like. */
export const talkSettings = (settings: Settings): TalkSettings => ({
  isProofRequired: settings.BEDROCK_REQUIRE_TOOL_AUTH,
  authTypes: settings.BEDROCK_SUPPORTED_AUTH_TYPES,
})

/** What credentials of elsewhere are held against; null where nothing is. */
export function verifierOptions(settings: Settings): VerifierOptions | null {
  const { ASSISTANT_ACCEPTED_CREDENTIALS: accepted, ASSISTANT_VERIFY_URL: url } = settings
  return accepted || url ? { accepted: accepted ?? [], url } : null
}

export const sessionSettings = (settings: Settings): SessionSettings => ({
  trust: trustSettings(settings),
  maxConnections: settings.MAX_CONNECTIONS ?? Math.floor(openFilesLimit() * SOCKETS_SHARE),
  outbox: { soft: settings.SLOW_READER_SOFT_LIMIT, hard: settings.SLOW_READER_HARD_LIMIT },
  views: {
    rooms: roomsLimits(settings),
    'rooms-2': { ...roomsLimits(settings), frames: FRAMES_LEVEL_2 },
    assistant: assistantLimits(settings),
  },
  heartbeatSeconds: settings.HEARTBEAT_INTERVAL,
  staleSeconds: settings.STALE_AFTER,
  stuckSeconds: settings.SLOW_READER_TIMEOUT,
  closeSeconds: settings.CLOSE_TIMEOUT,
  stopSeconds: 2,
})

/** `terminal` tells whether a person reads along. */
export const logOptions = (settings: Settings, terminal: boolean): Omit<LogOptions, 'write'> => ({
  levels: settings.DEBUG ? { ...settings.LOG_LEVEL, base: 'debug' } : settings.LOG_LEVEL,
  format: settings.LOG_FORMAT ?? (terminal ? 'pretty' : 'json'),
  stacks: settings.DEBUG,
})

export const tlsFiles = ({ TLS_KEY_FILE: key, TLS_CERT_FILE: cert }: Settings) => (key && cert ? { key, cert } : null)
