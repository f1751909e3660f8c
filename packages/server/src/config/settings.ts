import { AUTH_TYPES } from '@parley/protocol/assistant/limits'
import type { z } from 'zod'
import { proxyList } from '../sessions/trust.ts'
import { destinations } from './destinations.ts'
import {
  ENDLESS,
  flag,
  hostName,
  type Kind,
  list,
  listenAddress,
  longText,
  mailAddress,
  mailServer,
  oneOf,
  optional,
  origin,
  originOrNull,
  path,
  rate,
  rateOrOff,
  ratePer,
  secret,
  setting,
  url,
  whole,
  wholeOr,
} from './kinds.ts'
import { COMPONENTS, type Levels, readLevels } from './levels.ts'
import { models } from './models.ts'
import { tools } from './tools/settings.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Fewest characters of a SECRET_KEY: what 24 random bytes are in base64. */
const SECRET_MIN = 32

const LOCAL_USE = 'local means requests from this machine to a server that has neither PUBLIC_URL nor TRUST_PROXY'

const proxy: Kind<string> = {
  allowed: 'addresses and blocks such as 10.0.0.0/8, and loopback for this machine',
  read: text => {
    try {
      proxyList([text])
      return text
    } catch {
      return undefined
    }
  },
}

const credential: Kind<string> = { allowed: 'a token, an API key or user:password', read: text => text }

const levels: Kind<Levels> = {
  allowed: 'error, warn, info or debug, also for single components, such as info,sessions=debug',
  read: readLevels,
}

const listening = {
  HOST: setting(
    listenAddress,
    '127.0.0.1',
    'Address to listen on. `0.0.0.0` or `::` listens on every address of the machine.',
  ),
  PORT: setting(whole(0, 65_535), '8000', 'Port to listen on. `0` takes any free port; the start says which.'),
  TLS_KEY_FILE: optional(
    path,
    'Private key in PEM form. With `TLS_CERT_FILE` the server speaks HTTPS and WSS itself. Read again on SIGHUP.',
  ),
  TLS_CERT_FILE: optional(path, 'Certificate chain in PEM form, that of the server first.'),
  MAX_CONNECTIONS: optional(
    whole(1, ENDLESS, 'sockets'),
    'WebSocket connections open at one time; further ones get 503. Unless given, 90 % of the limit of open files.',
  ),
}

const keeping = {
  DATA_DIR: setting(path, 'data', 'Directory of everything that lasts. Made on the first start.'),
  SECRET_KEY: secret(
    longText(SECRET_MIN),
    'Secret from which API keys are sealed and digests are made. Unless given, the first start makes one in `DATA_DIR/secret`. ' +
      'Changing it ends every key, so a start with another one is refused.',
  ),
  MESSAGE_HISTORY_LIMIT: setting(
    wholeOr('unlimited', 1, 'messages'),
    'unlimited',
    'Messages kept in each room. Older ones are erased.',
  ),
}

const reached = {
  PUBLIC_URL: optional(
    origin,
    'Where people reach this server, when that is not where it listens. Mails link to it; its host and origin are trusted.',
  ),
  TRUST_PROXY: setting(
    list(proxy),
    '',
    'Proxies in front of this server whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.',
  ),
  ALLOWED_ORIGINS: setting(
    list(originOrNull),
    '',
    'Pages of other origins that may use this server without a credential of their own in the request.',
  ),
  ALLOWED_HOSTS: setting(
    list(hostName),
    '',
    'Further names by which this server may be called. Any other name gets 421.',
  ),
}

const files = {
  UPLOAD_DIR: setting(path, 'uploads', 'Directory of the files people sent, seen from `DATA_DIR`.'),
  TEMP_DIR: setting(path, 'uploads/temp', 'Directory of the pieces of files on their way, seen from `DATA_DIR`.'),
  MAX_FILE_SIZE: setting(whole(1, ENDLESS, 'bytes'), String(50 * MIB), 'Largest file.'),
  MAX_CHUNK_SIZE: setting(whole(KIB, MIB, 'bytes'), String(MIB), 'Largest piece of a file on its way.'),
  FILE_QUOTA_PER_USER: setting(
    whole(0, ENDLESS, 'bytes'),
    String(KIB * MIB),
    'Bytes of files that each user may keep here, those on their way included. `0` is no limit.',
  ),
  FILE_QUOTA_TOTAL: setting(whole(0, ENDLESS, 'bytes'), '0', 'Bytes of files of all users together. `0` is no limit.'),
  VIRUS_SCAN_ENABLED: setting(
    flag,
    'false',
    'Has `clamd` look at every file before it is there. What it is not sure of is refused, also while it is down.',
  ),
  CLAMD_ADDRESS: setting(
    path,
    '/var/run/clamav/clamd.ctl',
    'Socket of `clamd`, or host:port. See [operations](operations.md#virus-scan) for the settings it needs.',
  ),
}

const allowing = {
  REGISTRATION: setting(
    oneOf('off', 'local', 'on'),
    'local',
    `Who may make an account with \`POST /register\`, \`POST /api/v1/auth/register\` or by a mailed link: nobody, local use only, everybody. ${LOCAL_USE}.`,
  ),
  GUESTS: setting(
    oneOf('off', 'local', 'on'),
    'local',
    `Who may talk with the assistant without an account: nobody, local use only, everybody. ${LOCAL_USE}.`,
  ),
  GUESTS_MAX: setting(
    whole(1, 100_000, 'guests'),
    '500',
    'Guests at one time, those included who left and are not forgotten yet. Their data go an hour after their last message.',
  ),
  GUESTS_MAX_PER_ADDRESS: setting(whole(1, 100_000, 'guests'), '100', 'The same from one address.'),
  TOKEN_BOWL_SELF_ASSIGNED_ROLES: setting(
    flag,
    'false',
    'Lets whoever registers choose a role, admin too, lets viewers read everything and shows admins all keys. For test suites only.',
  ),
  MESSAGE_RATE_LIMIT: setting(rateOrOff, 'off', 'Messages each user may send in how many seconds.'),
  REGISTRATION_RATE_LIMIT: setting(rate, '100/3600', 'Accounts one address may try to make in how many seconds.'),
  SIGN_IN_RATE_LIMIT: setting(
    rate,
    '30/300',
    'Failed sign-ins from one address and of one name, and mails to one address, in how many seconds.',
  ),
  SEARCH_RATE_LIMIT: setting(
    rate,
    '60/60',
    'Searches each user may make in how many seconds, those of agents for them included.',
  ),
  API_RATE_LIMIT: setting(
    rateOrOff,
    '100/60',
    'Requests under `/api/v1` each user, or each address without one, may make in how many seconds. Above one and a half times as many nothing is answered for five minutes.',
  ),
  METRICS_PUBLIC: setting(
    flag,
    'false',
    `Shows \`/metrics\` to everybody instead of admins and local use. ${LOCAL_USE}.`,
  ),
}

const calling = {
  SMTP_URL: secret(
    mailServer,
    'Mail server for links to sign in, to reset a password or to confirm an address, and for invitations. Without it those answer 503.',
  ),
  MAIL_FROM: optional(mailAddress, 'Sender of the mails. Needed with `SMTP_URL`.'),
  OUTBOUND_ALLOW: setting(
    destinations,
    '',
    'Private destinations that webhooks, tools and requests for tokens may call. Public ones may be called always.',
  ),
}

const logging = {
  LOG_LEVEL: setting(levels, 'info', `What is logged. Components: ${COMPONENTS.join(', ')}.`),
  LOG_FORMAT: optional(
    oneOf('json', 'pretty'),
    'Form of the log. Unless given, `pretty` on a terminal and `json` elsewhere.',
  ),
  DEBUG: setting(flag, 'false', 'Logs at level debug, with stack traces. Answers to clients stay the same.'),
}

const pacing = {
  HEARTBEAT_INTERVAL: setting(whole(1, 3600, 'seconds'), '30', 'Time between two heartbeats to a client.'),
  STALE_AFTER: setting(whole(2, 86_400, 'seconds'), '90', 'Silence after which a client counts as gone.'),
  SLOW_READER_SOFT_LIMIT: setting(
    whole(KIB, ENDLESS, 'bytes'),
    String(128 * KIB),
    'Unread bytes of one client above which nothing more is pushed to it; it catches up from the log.',
  ),
  SLOW_READER_HARD_LIMIT: setting(
    whole(KIB, ENDLESS, 'bytes'),
    String(MIB),
    'Unread bytes of one client above which it is disconnected and told to come back.',
  ),
  SLOW_READER_TIMEOUT: setting(
    whole(1, 3600, 'seconds'),
    '30',
    'Time a slow client may read nothing at all before it is disconnected and told to come back.',
  ),
  CLOSE_TIMEOUT: setting(
    whole(1, 300, 'seconds'),
    '30',
    'Time a client has to answer a goodbye, and a slow one to read as far as it. Two seconds when the server stops.',
  ),
}

const sockets = {
  WEBSOCKET_MAX_CONNECTIONS: setting(
    whole(1, ENDLESS, 'sockets'),
    '1000',
    'Connections of the rooms protocol open at one time, at both levels together; further ones get 503.',
  ),
  WEBSOCKET_MAX_CONNECTIONS_PER_USER: setting(
    whole(0, ENDLESS, 'sockets'),
    '0',
    'The same for one user. `0` is no limit.',
  ),
  WEBSOCKET_HEARTBEAT_INTERVAL: setting(
    whole(1, 3600, 'seconds'),
    '30',
    'Time between two heartbeats to a client of the rooms protocol.',
  ),
  WEBSOCKET_CLEANUP_INTERVAL: setting(
    whole(1, 86_400, 'seconds'),
    '300',
    'How often clients of the rooms protocol are looked for that were silent for half an hour, pongs counted; they count as gone.',
  ),
  WS_RATE_LIMIT_REQUESTS: setting(
    whole(1, 1_000_000, 'frames'),
    '100',
    'Frames that one documented connection of the rooms protocol may send in `WS_RATE_LIMIT_WINDOW`. At level 2 it is 50 a second, 200 at once.',
  ),
  WS_RATE_LIMIT_WINDOW: setting(whole(1, 86_400, 'seconds'), '60', 'The time in which those frames are counted.'),
}

const approving = {
  APPROVAL_TIME: setting(
    whole(1, 31 * 24 * 3600, 'seconds'),
    '3600',
    'Time somebody has to allow what an agent wants to do for them. See [approvals](approvals.md).',
  ),
}

const assistant = {
  BEDROCK_MAX_SESSIONS: setting(
    whole(1, ENDLESS, 'sockets'),
    '1000',
    'Connections of the assistant protocol open at one time; further ones get 503.',
  ),
  BEDROCK_SESSION_TIMEOUT: setting(
    whole(1, ENDLESS, 'seconds'),
    '3600',
    'Time without a frame after which such a connection is ended.',
  ),
  BEDROCK_RATE_LIMIT: optional(ratePer, 'Frames that one such connection may send. No limit unless given.'),
  BEDROCK_MAX_TOOL_CALL_ROUNDS: setting(
    whole(1, 50, 'rounds'),
    '10',
    'Rounds of tool calls in one answer, on every protocol. After that it ends with a note.',
  ),
  BEDROCK_MAX_TOOL_CALLS: setting(
    whole(1, 20, 'calls'),
    '10',
    'Tool calls of one round that are carried out, on every protocol.',
  ),
  BEDROCK_REQUIRE_TOOL_AUTH: setting(
    flag,
    'false',
    'Takes questions only of connections that showed credentials, of this server or others.',
  ),
  BEDROCK_SUPPORTED_AUTH_TYPES: setting(
    list(oneOf(...AUTH_TYPES)),
    AUTH_TYPES.join(),
    'Kinds of credentials that an `auth` frame may show.',
  ),
  ASSISTANT_ACCEPTED_CREDENTIALS: secret(
    list(credential),
    'Tokens, API keys and user:password of elsewhere that let people talk where guests are not, separated by commas.',
  ),
  ASSISTANT_VERIFY_URL: optional(
    url,
    'Asked with GET and the headers that credentials of elsewhere make; a 2xx lets people talk, anything else does not.',
  ),
}

/** Every setting, in groups for the reader. The descriptions are what `docs/settings.md` is made of. */
export const GROUPS = {
  'Where it listens': listening,
  'Where its data are': keeping,
  Files: files,
  'How it is reached': reached,
  'Who may do what': allowing,
  'Mail and calls to elsewhere': calling,
  Models: models,
  Tools: tools,
  Logs: logging,
  'Slow and silent clients': pacing,
  'Connections of the rooms protocol': sockets,
  'What agents may do': approving,
  'The assistant protocol': assistant,
}

const all = {
  ...listening,
  ...keeping,
  ...files,
  ...reached,
  ...allowing,
  ...calling,
  ...models,
  ...tools,
  ...logging,
  ...pacing,
  ...sockets,
  ...approving,
  ...assistant,
}

/** Every setting with its value. */
export type Settings = { readonly [Name in keyof typeof all]: z.output<(typeof all)[Name]> }

export type SettingName = keyof Settings

// Object.entries forgets which names there are.
export const SCHEMAS: ReadonlyMap<SettingName, z.ZodType> = new Map(Object.entries(all) as [SettingName, z.ZodType][])
