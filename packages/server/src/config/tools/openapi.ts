import { resolve } from 'node:path'
import { z } from 'zod'
import type { OpenApiService } from '../../agents/tools/openapi/settings.ts'
import { type Kind, url, webAddress } from '../kinds.ts'
import { expanded, headers, kind, type Reading, refused, seconds, serviceName } from './reading.ts'

const pattern: Kind<string> = {
  allowed: 'an operationId, or a pattern such as "GET /orders/*" or "/orders/*"',
  read: text => (/^(?:[A-Z]+ )?\/\S*$|^[^\s/]+$/.test(text) ? text : undefined),
}

const DOCUMENT = 'a path, or an http or https address without credentials'

/** An entry of `openapi` in the tools file. */
export const openApiService = (reading: Reading) =>
  z
    .strictObject({
      name: kind(serviceName),
      document: expanded(reading).transform((text, ctx) => located(text, reading.directory) ?? refused(ctx, DOCUMENT)),
      server: expanded(reading).pipe(kind(webAddress)).optional(),
      allow: z.array(kind(pattern), 'a list').min(1, 'at least one operation; leave it out to allow all').optional(),
      exclude: z.array(kind(pattern), 'a list').default([]),
      read_only_posts: z.array(kind(pattern), 'a list').default([]),
      forward_credentials: z.boolean('true or false').default(false),
      headers: headers(reading).default({}),
      timeout: seconds(reading),
      for: z.enum(['everyone', 'accounts'], 'everyone or accounts').optional(),
    })
    .refine(({ headers, forward_credentials }) => !(forward_credentials && hasAuthorization(headers)), {
      path: ['headers'],
      error: 'headers without Authorization where forward_credentials is true: that is the header of who asks',
    })
    .transform(
      (entry): OpenApiService => ({
        name: entry.name,
        document: entry.document,
        server: entry.server ?? null,
        allow: entry.allow ?? null,
        exclude: entry.exclude,
        readOnlyPosts: entry.read_only_posts,
        forwardsCredentials: entry.forward_credentials,
        headers: entry.headers,
        timeLimit: entry.timeout * 1000,
        audience: entry.for ?? standardAudience(entry),
      }),
    )

const hasAuthorization = (headers: object): boolean =>
  Object.keys(headers).some(name => name.toLowerCase() === 'authorization')

/** What a key of the operator's opens is not for everybody. */
const standardAudience = (entry: { readonly headers: object; readonly forward_credentials: boolean }) =>
  Object.keys(entry.headers).length > 0 && !entry.forward_credentials ? 'accounts' : 'everyone'

/** A URL as it is; a path seen from the tools file. Undefined for what is meant as a URL and is none, or has credentials in it. */
function located(document: string, directory: string): string | undefined {
  return /^\w+:\/\//.test(document) ? url.read(document) : resolve(directory, document)
}
