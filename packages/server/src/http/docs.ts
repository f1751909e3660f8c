import { html } from 'hono/html'
import type { JsonSchema, OpenApi, Operation } from './openapi.ts'
import type { Markup, Page } from './page.ts'

// Hides what does not have every word that was typed; without it the page is merely longer.
const SEARCH = `
const field = document.querySelector('#search')
field.closest('p').hidden = false
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\\s+/)
  for (const entry of document.querySelectorAll('details'))
    entry.hidden = !words.every(word => entry.textContent.toLowerCase().includes(word))
})
`

/** The document of an API for people. */
export function docs(document: OpenApi): Page {
  const { info, paths, tags, components } = document
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return {
    title: info.title,
    script: SEARCH,
    body: html`<h1>${info.title}</h1>
<p>${info.description}</p>
<p>Version ${info.version}. For tools: <a href="/openapi.json"><code>/openapi.json</code></a></p>
<p hidden><label for="search">Search</label><input id="search" type="search"></p>
${tags.map(({ name }) => {
  const entries = operations.filter(({ operation }) => operation.tags.includes(name))
  return html`<h2>${name}</h2>${entries.map(entry => showOperation(entry))}`
})}
<h2>Shapes</h2>
${Object.entries(components.schemas).map(
  ([name, schema]) =>
    html`<details><summary><code>${name}</code></summary><div id="${name}">${fields(schema)}</div></details>`,
)}`,
  }
}

interface Entry {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

function showOperation({ path, method, operation }: Entry): Markup {
  const { summary, description = '', security, parameters = [], requestBody, responses } = operation
  const access =
    security.length === 0 ? 'Needs no credential.' : 'Needs an API key, an access token or a session token.'
  return html`<details>
<summary><b>${method.toUpperCase()}</b> <code>${path}</code> ${summary}</summary>
<p class="note">${access} ${description}</p>
${parameters.length > 0 ? html`<h3>Parameters</h3>${rows(parameters.map(({ name, schema }) => [name, schema]))}` : ''}
${requestBody ? html`<h3>Request</h3>${Object.values(requestBody.content).map(({ schema }) => fields(schema))}` : ''}
<h3>Answers</h3>
<table>${Object.entries(responses).map(
    ([status, answer]) =>
      html`<tr><th scope="row">${status}</th><td>${answer.description}</td><td>${Object.values(
        answer.content ?? {},
      ).map(({ schema }) => sort(schema))}</td></tr>`,
  )}</table>
</details>`
}

/** The properties of an object, or what else the schema is. */
function fields(schema: JsonSchema): Markup {
  const { properties, required = [] } = schema as { properties?: Record<string, JsonSchema>; required?: string[] }
  if (!properties) return html`<p>${sort(schema)}</p>`
  return rows(Object.entries(properties).map(([name, inner]) => [required.includes(name) ? name : `${name}?`, inner]))
}

const rows = (named: readonly (readonly [string, JsonSchema])[]): Markup =>
  html`<table>${named.map(
    ([name, schema]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${sort(schema)}</td><td>${bounds(schema)}</td></tr>`,
  )}</table>`

/** What kind of value a schema is, in a word or two; a link where it has a name. */
function sort(schema: JsonSchema): Markup | string {
  const { $ref, type, items, anyOf, enum: values } = schema as SchemaParts
  if ($ref) {
    const name = $ref.split('/').at(-1)
    return html`<a href="#${name}">${name}</a>`
  }
  if (values) return values.map(value => JSON.stringify(value)).join(' | ')
  if (anyOf) return html`${anyOf.map((inner, i) => html`${i > 0 ? ' | ' : ''}${sort(inner)}`)}`
  if (items) return html`${sort(items)}[]`
  return [type ?? 'any'].flat().join(' | ')
}

/** The part of JSON Schema that our own schemas use. */
interface SchemaParts {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
}

function bounds(schema: JsonSchema): string {
  const { description, default: preset, minLength, maxLength, minimum, maximum, anyOf } = schema
  const range = (low: unknown, high: unknown, of: string) => {
    if (high !== undefined) return [`${low ?? 0} to ${high}${of}`]
    return low === undefined ? [] : [`at least ${low}${of}`]
  }
  const inner = Array.isArray(anyOf) ? anyOf.map(one => bounds(one as JsonSchema)).filter(Boolean) : []
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...(preset === undefined ? [] : [`default ${JSON.stringify(preset)}`]),
    ...range(minLength, maxLength, ' characters'),
    ...range(minimum, maximum, ''),
    ...inner,
  ].join(', ')
}
