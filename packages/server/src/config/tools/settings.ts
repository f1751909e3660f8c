import { destinations } from '../destinations.ts'
import { ENDLESS, optional, path, setting, whole } from '../kinds.ts'

export const tools = {
  TOOLS_FILE: optional(
    path,
    'File that names the services whose operations the assistant may use, in JSON or YAML. See [tools](tools.md).',
  ),
  BEDROCK_TIMEOUT: setting(
    whole(1, 600, 'seconds'),
    '30',
    'Time for a call of such a service, where the tools file says nothing of it.',
  ),
  OAUTH2_TOKEN_HOSTS: optional(
    destinations,
    'Token servers that people may name with OAuth2 credentials. Unless given, every public one. Private ones have to be in `OUTBOUND_ALLOW` as well.',
  ),
  BEDROCK_AUTH_TOKEN_CACHE_TTL: setting(
    whole(1, ENDLESS, 'seconds'),
    '3600',
    'How long a token lives whose token server does not say. A tenth before its end another one is asked for.',
  ),
}
