import type { ExportedPart } from '../core/commands/artefact-exports.ts'
import type { FieldSchema, ObjectSchema } from '../core/fields.ts'
import type { ArtefactId } from '../core/ids.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { lineOf, paragraphsOf } from './text.ts'

/** What a document is made of, whatever it is written in. Texts have no control characters and no empty lines. */
export type Block =
  /** `level` 1 is below the title of an artefact. */
  | { readonly type: 'heading'; readonly level: number; readonly text: string }
  | { readonly type: 'paragraph'; readonly lines: readonly string[] }
  | { readonly type: 'fact'; readonly label: string; readonly text: string }
  | { readonly type: 'list'; readonly items: readonly (readonly string[])[] }
  /** To another artefact, by its title. */
  | { readonly type: 'reference'; readonly label: string; readonly text: string; readonly to: ArtefactId }

/** Texts up to this length stand in one line with their label, unless they have more lines. In UTF-16 units. */
const FACT_MAX = 100

/** What stands below the title of an artefact. */
export function blocksOf({ artefact, kind, links }: ExportedPart): readonly Block[] {
  const { data } = artefact
  const { schema, titleField, export: order = [] } = kind ?? {}
  const names = [...new Set([...order.map(({ field }) => field), ...namesOf(data, schema)])]
  return names.flatMap(name => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined
    if (value === undefined || name === titleField) return []
    const field = schema?.properties[name]
    const label = lineOf(order.find(({ field }) => field === name)?.heading ?? labelOf(name, field))
    if (!kind || !Object.hasOwn(kind.links, name)) return fieldBlocks(value, field, label, 1)
    const named = links.filter(link => link.field === name)
    return named.map(({ to }): Block => ({ type: 'reference', label, text: lineOf(to.title), to: to.id }))
  })
}

/** Fields that there are, in the order of the schema, then those it does not know. */
const namesOf = (data: JsonObject, schema: ObjectSchema | undefined): readonly string[] => [
  ...new Set([...Object.keys(schema?.properties ?? {}), ...Object.keys(data)]),
]

const labelOf = (name: string, field: FieldSchema | undefined): string => field?.title ?? name.replaceAll('_', ' ')

function fieldBlocks(value: Json, field: FieldSchema | undefined, label: string, level: number): readonly Block[] {
  if (isJsonObject(value)) {
    const blocks = objectBlocks(value, objectIn(field), level + 1)
    return blocks.length === 0 ? [] : [heading(label, level), ...blocks]
  }
  if (!isPlain(value)) return listBlocks(value, field, label, level)
  const paragraphs = paragraphsOf(wordOf(value))
  const [first = [], ...rest] = paragraphs
  const [line = '', ...lines] = first
  if (line === '') return []
  if (rest.length === 0 && lines.length === 0 && line.length <= FACT_MAX) return [{ type: 'fact', label, text: line }]
  return [heading(label, level), ...paragraphs.map((lines): Block => ({ type: 'paragraph', lines }))]
}

function listBlocks(
  value: readonly Json[],
  field: FieldSchema | undefined,
  label: string,
  level: number,
): readonly Block[] {
  const inner = field?.type === 'array' ? field.items : undefined
  const blocks = value.every(isPlain)
    ? plainList(value)
    : value.flatMap(item =>
        isJsonObject(item) ? itemBlocks(item, objectIn(inner), level + 1) : fieldBlocks(item, inner, label, level + 1),
      )
  return blocks.length === 0 ? [] : [heading(label, level), ...blocks]
}

function plainList(value: readonly Plain[]): readonly Block[] {
  const items = value.map(item => paragraphsOf(wordOf(item)).flat()).filter(lines => lines.length > 0)
  return items.length === 0 ? [] : [{ type: 'list', items }]
}

/** An object of a list: its first field names it, where that is a short text. */
function itemBlocks(item: JsonObject, schema: ObjectSchema | undefined, level: number): readonly Block[] {
  const [first = ''] = namesOf(item, schema).filter(name => Object.hasOwn(item, name))
  const name = typeof item[first] === 'string' ? lineOf(item[first]) : ''
  if (name === '' || name.length > FACT_MAX * 2) return objectBlocks(item, schema, level)
  return [heading(name, level), ...objectBlocks(item, schema, level + 1, first)]
}

function objectBlocks(
  value: JsonObject,
  schema: ObjectSchema | undefined,
  level: number,
  without?: string,
): readonly Block[] {
  return namesOf(value, schema).flatMap(name => {
    const inner = Object.hasOwn(value, name) ? value[name] : undefined
    if (inner === undefined || name === without) return []
    const field = schema?.properties[name]
    return fieldBlocks(inner, field, lineOf(labelOf(name, field)), level)
  })
}

const objectIn = (field: FieldSchema | undefined): ObjectSchema | undefined =>
  field?.type === 'object' ? field : undefined

const heading = (text: string, level: number): Block => ({ type: 'heading', level, text })

type Plain = string | number | boolean | null

const isPlain = (value: Json): value is Plain => typeof value !== 'object' || value === null

function wordOf(value: Plain): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value === null ? '' : String(value)
}
