import { z } from 'zod'
import { docBefore, type Exported, type Module, urlOf } from './source.ts'

/** A type of the wire that has a name, and the schema it is inferred from. */
interface Named {
  readonly name: string
  readonly schema: z.ZodType
  /** What the schema's source says of its fields. */
  readonly docs: ReadonlyMap<string, string>
  readonly doc: string
}

/** The types of bodies and frames, written out as TypeScript declarations. */
export async function wireTypes(exported: readonly Exported[]): Promise<{ name: string; doc: string; code: string }[]> {
  const named = await Promise.all(exported.map(findSchema))
  return named.map(({ name, doc, schema, docs }) => {
    const others = new Map(named.filter(other => other.name !== name).map(other => [other.schema, other.name]))
    const code =
      schema instanceof z.ZodObject ? declare(name, schema, docs, others) : `type ${name} = ${write(schema, others)}`
    return { name, doc, code }
  })
}

/** By convention `Thing` is inferred from the schema `thing` of the same file. */
async function findSchema({ name, module, declaration }: Exported): Promise<Named> {
  const own = declaration.id?.name ?? ''
  const constant = own.charAt(0).toLowerCase() + own.slice(1)
  const found: unknown = (await import(urlOf(module)))[constant]
  if (!(found instanceof z.ZodType)) throw new Error(`${module.file}: ${own} has no schema ${constant}`)
  return { name, schema: found, ...describe(module, constant) }
}

function describe(module: Module, constant: string): Pick<Named, 'doc' | 'docs'> {
  const docs = new Map<string, string>()
  for (const statement of module.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'VariableDeclaration') continue
    const [{ id, init } = {}] = statement.declaration.declarations
    if (id?.type !== 'Identifier' || id.name !== constant) continue
    const [fields] = init?.type === 'CallExpression' ? init.arguments : []
    for (const field of fields?.type === 'ObjectExpression' ? fields.properties : []) {
      if (field.type !== 'Property' || field.key.type !== 'Identifier') continue
      docs.set(field.key.name, docBefore(module, field.start))
    }
    return { doc: docBefore(module, statement.start), docs }
  }
  return { doc: '', docs }
}

type Names = ReadonlyMap<z.ZodType, string>

function declare(name: string, { shape }: z.ZodObject, docs: ReadonlyMap<string, string>, names: Names): string {
  const lines = Object.entries(shape).flatMap(([field, schema]) => {
    const doc = docs.get(field)
    return [...(doc ? [`  /** ${doc} */`] : []), `  ${writeField(field, schema as z.ZodType, names)}`]
  })
  return [`interface ${name} {`, ...lines, '}'].join('\n')
}

function writeField(field: string, schema: z.ZodType, names: Names): string {
  if (!(schema instanceof z.ZodOptional)) return `${field}: ${write(schema, names)}`
  return `${field}?: ${write(schema.unwrap() as z.ZodType, names)}`
}

/** A schema as a TypeScript type. */
function write(schema: z.ZodType, names: Names): string {
  const name = names.get(schema)
  if (name) return name
  if (schema instanceof z.ZodNullable) return `${write(schema.unwrap() as z.ZodType, names)} | null`
  if (schema instanceof z.ZodArray) return `${bracketed(write(schema.element as z.ZodType, names))}[]`
  if (schema instanceof z.ZodEnum) return schema.options.map(option => `'${option}'`).join(' | ')
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(value => `'${value}'`).join(' | ')
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([field, inner]) => writeField(field, inner as z.ZodType, names))
    return `{ ${fields.join('; ')} }`
  }
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodString || schema instanceof z.ZodURL) return 'string'
  throw new Error(`no way to write a schema of the type ${schema.type}`)
}

const bracketed = (type: string): string => (type.includes('|') ? `(${type})` : type)
