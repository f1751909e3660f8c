import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { ARTEFACT_TITLE_MAX } from '../core/artefact.ts'
import type { FieldSchema } from '../core/fields.ts'
import type { ArtefactKind, ArtefactKinds, TeamArtefacts } from '../core/ports/artefact-kinds.ts'
import { OperatorFault } from '../system/fault.ts'

/** Teams that come with Parley: a folder each, named after the team. */
export const TEAMS = join(import.meta.dirname, '../../teams')
/** What a team makes, in its folder. */
const FILE = 'artefacts.json'

/** Reads the kinds of all teams in a folder. Throws OperatorFault, with the file and what is wrong in it. */
export function readArtefactKinds(folder: string): ArtefactKinds {
  const files = globSync(`*/${FILE}`, { cwd: folder }).toSorted()
  return { teams: files.map(file => readTeam(join(folder, file))) }
}

function readTeam(path: string): TeamArtefacts {
  try {
    const team = name.parse(basename(dirname(path)))
    return { team, ...file.parse(JSON.parse(readFileSync(path, 'utf8'))) }
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new OperatorFault(`The kinds of artefacts in ${path} can't be used:\n${why}`)
  }
}

const name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'should be small letters, digits and _, at most 40')
const label = z.string().min(1).max(100)
const size = z.int().min(0)
const described = { title: label.optional(), description: z.string().max(1_000).optional() }

const text = z.strictObject({
  ...{ ...described, type: z.literal('string') },
  ...{ minLength: size.optional(), maxLength: size.max(100_000), enum: z.array(label).min(1).max(100).optional() },
})
const number = z.strictObject({
  ...{ ...described, type: z.enum(['integer', 'number']) },
  ...{ minimum: z.number().optional(), maximum: z.number().optional() },
})
const boolean = z.strictObject({ ...described, type: z.literal('boolean') })
const list = z.strictObject({
  ...{ ...described, type: z.literal('array') },
  get items() {
    return field
  },
  ...{ minItems: size.optional(), maxItems: size.max(1_000) },
})
const object = z
  .strictObject({
    ...{ ...described, type: z.literal('object') },
    get properties() {
      return z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/), field)
    },
    required: z.array(z.string()).default([]),
    additionalProperties: z.literal(false).default(false),
  })
  .refine(({ properties, required }) => required.every(name => Object.hasOwn(properties, name)), {
    error: 'requires a field that it does not have',
  })
const field: z.ZodType<FieldSchema> = z.lazy(() => z.discriminatedUnion('type', [text, number, boolean, list, object]))

const kind = z
  .strictObject({
    ...{ kind: name, title: label, description: z.string().min(1).max(1_000), schema: object, titleField: z.string() },
    saveTool: z.string().regex(/^[\w-]{1,64}$/),
    links: z.record(z.string(), name).default({}),
    export: z.array(z.strictObject({ field: z.string(), heading: label.optional() })).default([]),
  })
  .check(({ value, issues }) => {
    for (const message of faultsOf(value)) issues.push({ code: 'custom', message, input: value })
  })

/** What fits no kind although each part of it is right. */
function* faultsOf({ kind, schema, titleField, links, export: order }: ArtefactKind): Generator<string> {
  const { properties, required } = schema
  const title = properties[titleField]
  if (title?.type !== 'string' || title.maxLength > ARTEFACT_TITLE_MAX || !required.includes(titleField))
    yield `titleField should name a required text of at most ${ARTEFACT_TITLE_MAX} characters`
  for (const name of Object.keys(links))
    if (!holdsIds(properties[name])) yield `the link ${name} should be a text or a list of texts`
  for (const { field } of order) if (!properties[field]) yield `export names ${field}, which is no field`
  if (properties[`${kind}_id`]) yield `no field can be called ${kind}_id: the tool that saves it has that`
}

const holdsIds = (field: FieldSchema | undefined): boolean =>
  field?.type === 'string' || (field?.type === 'array' && field.items.type === 'string')

const file = z
  .strictObject({
    document: z
      .strictObject({ title: name.nullable().default(null), creator: name.nullable().default(null) })
      .default({ title: null, creator: null }),
    kinds: z.array(kind).min(1).max(50),
  })
  .check(({ value: { kinds, document }, issues, value }) => {
    const names = kinds.map(({ kind }) => kind)
    const unknown = [document.title, document.creator, ...kinds.flatMap(({ links }) => Object.values(links))].filter(
      name => name !== null && !names.includes(name),
    )
    const say = (message: string) => issues.push({ code: 'custom', message, input: value })
    for (const name of unknown) say(`there is no kind ${name}`)
    if (new Set(names).size < names.length) say('two kinds have the same name')
    if (new Set(kinds.map(({ saveTool }) => saveTool)).size < kinds.length) say('two kinds have the same tool')
  })
