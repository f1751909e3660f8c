import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readArtefactKinds, TEAMS } from '../../src/start/artefact-kinds.ts'
import { OperatorFault } from '../../src/system/fault.ts'

const NOTE = {
  kind: 'note',
  title: 'Note',
  description: 'Saves a note.',
  schema: {
    type: 'object',
    properties: { title: { type: 'string', maxLength: 50 }, of: { type: 'string', maxLength: 36 } },
    required: ['title'],
  },
  titleField: 'title',
  saveTool: 'save_note',
}

/** What reading says of a team whose file holds this. */
function read(content: object | string, team = 'notes') {
  const folder = mkdtempSync(join(tmpdir(), 'parley-teams-'))
  try {
    mkdirSync(join(folder, team))
    writeFileSync(join(folder, team, 'artefacts.json'), typeof content === 'string' ? content : JSON.stringify(content))
    return readArtefactKinds(folder)
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorFault)
    return String((error as Error).message.replaceAll(folder, ''))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('[ART-1] a team’s kinds are what its file says', () => {
  const kind = { ...NOTE, links: {}, export: [], schema: { ...NOTE.schema, additionalProperties: false } }
  const document = { title: null, creator: null }
  expect(read({ kinds: [NOTE] })).toEqual({ teams: [{ team: 'notes', document, kinds: [kind] }] })
  expect(readArtefactKinds(TEAMS).teams.map(({ team }) => team)).toEqual(['books', 'helpdesk'])
})

test('[ART-1] the example of docs/artefacts.md is one', () => {
  const page = readFileSync(new URL('../../../../docs/artefacts.md', import.meta.url), 'utf8')
  const [, example = ''] = /```json kinds\n([\s\S]*?)```/.exec(page) ?? []
  expect(read(example, 'help')).toMatchObject({ teams: [{ team: 'help', kinds: [{ kind: 'article' }] }] })
})

const inSchema = (properties: object) => ({
  ...NOTE,
  schema: { ...NOTE.schema, properties: { ...NOTE.schema.properties, ...properties } },
})

test.each([
  ['no JSON', '{', /can't be used/],
  ['no kinds', {}, /kinds/],
  ['a text without an end', { kinds: [inSchema({ x: { type: 'string' } })] }, /maxLength/],
  ['a list without an end', { kinds: [inSchema({ x: { type: 'array', items: { type: 'boolean' } } })] }, /maxItems/],
  [
    'what we do not know of JSON Schema',
    { kinds: [inSchema({ x: { type: 'string', maxLength: 5, format: 'uri' } })] },
    /format/,
  ],
  [
    'a requirement of nothing',
    { kinds: [{ ...NOTE, schema: { ...NOTE.schema, required: ['title', 'x'] } }] },
    /does not have/,
  ],
  ['an optional title', { kinds: [{ ...NOTE, titleField: 'of' }] }, /titleField/],
  ['a link to no kind', { kinds: [{ ...NOTE, links: { of: 'book' } }] }, /no kind book/],
  ['a link in no field', { kinds: [{ ...NOTE, links: { x: 'note' } }] }, /link x/],
  ['an export of no field', { kinds: [{ ...NOTE, export: [{ field: 'x' }] }] }, /export names x/],
  ['the name of the id', { kinds: [inSchema({ note_id: { type: 'boolean' } })] }, /note_id/],
  ['two of a name', { kinds: [NOTE, { ...NOTE, saveTool: 'other' }] }, /same name/],
  ['two of a tool', { kinds: [NOTE, { ...NOTE, kind: 'other' }] }, /same tool/],
  ['a document of no kind', { document: { title: 'book' }, kinds: [NOTE] }, /no kind book/],
])('[ART-1] %s ends the start, with the file and why', (_, content, why) => {
  const said = read(content)
  expect(said).toContain('/notes/artefacts.json')
  expect(said).toMatch(why)
})

test('[ART-1] a folder that can be no name of a team is told', () => {
  expect(read({ kinds: [NOTE] }, 'No Team')).toContain('should be small letters')
})
