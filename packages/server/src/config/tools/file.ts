import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { OperatorFault, systemCode } from '../../system/fault.ts'
import { mcpServer } from './mcp.ts'
import { openApiService } from './openapi.ts'
import type { Reading } from './reading.ts'

// One schema for each kind of service, in a file of its own.
const toolsFile = (reading: Reading) =>
  z
    .strictObject({
      openapi: z.array(openApiService(reading), 'a list of services').default([]),
      mcp: z.array(mcpServer(reading), 'a list of servers').default([]),
    })
    .superRefine(({ openapi, mcp }, ctx) => refuseTwins([...openapi, ...mcp], ctx))

/** The services that the tools file names. */
export type ToolsFile = z.output<ReturnType<typeof toolsFile>>

/** Reads the tools file, JSON or YAML. Throws OperatorFault that lists everything that is wrong, with its place; it holds no value. */
export async function readToolsFile(path: string, settings: Omit<Reading, 'directory'>): Promise<ToolsFile> {
  const content = await parsed(path, textOf(path))
  const read = toolsFile({ ...settings, directory: dirname(path) }).safeParse(content)
  if (read.success) return read.data
  throw new OperatorFault(read.error.issues.flatMap(issue => sentences(path, issue)).join('\n'))
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'is not there' : `can't be read: ${systemCode(error)}`
    throw new OperatorFault(`The tools file ${path} ${why}.`)
  }
}

async function parsed(path: string, text: string): Promise<unknown> {
  try {
    if (/^\s*\{/.test(text)) return JSON.parse(text)
    const { parse } = await import('yaml')
    return parse(text)
  } catch {
    throw new OperatorFault(`The tools file ${path} is neither JSON nor YAML.`)
  }
}

/** Names meet in the names of tools, so they are unique whatever kind a service is of. */
function refuseTwins(services: readonly { readonly name: string }[], ctx: z.RefinementCtx): void {
  const names = services.map(({ name }) => name)
  const twin = names.find((name, i) => names.indexOf(name) !== i)
  if (twin !== undefined) ctx.addIssue({ code: 'custom', message: `one service of the name ${twin}` })
}

function sentences(file: string, issue: z.core.$ZodIssue): readonly string[] {
  const place = placeOf(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => `${file}: ${placeOf([...issue.path, key])} is nothing that is known.`)
  if (issue.code === 'invalid_key') return [`${file}: ${place} is wrong; allowed is another name of a header.`]
  const allowed = issue.code === 'invalid_type' && issue.message.startsWith('Invalid') ? issue.expected : issue.message
  return [`${file}: ${place || 'it'} is wrong; allowed is ${allowed}.`]
}

/** `openapi[0].headers.X-Api-Key` */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('')
