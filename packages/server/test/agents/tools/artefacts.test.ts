import { expect, test } from 'vitest'
import { artefactTools, type SaveArtefact } from '../../../src/agents/tools/artefacts.ts'
import { ToolFailed } from '../../../src/agents/tools/tool.ts'
import type { ArtefactDraft } from '../../../src/core/commands/artefact-changes.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { type Refusal, Refused } from '../../../src/core/refusals.ts'
import { artefactKinds, runIn } from '../../artefacts.ts'
import { openWorld } from '../../world.ts'
import { ask } from '../question.ts'

const [books, support] = artefactKinds.teams as [
  (typeof artefactKinds.teams)[0] & object,
  (typeof artefactKinds.teams)[0] & object,
]
const toolsOf = (save: SaveArtefact, team = books) => artefactTools(team, save).toolsFor(ask('a plot, please'))

test('[ART-60] a team has a tool for each of its kinds, whose arguments are the data', async () => {
  const tools = await toolsOf(async () => expect.fail())
  expect(tools.map(({ name }) => name)).toEqual(['save_author', 'save_world_building', 'save_characters', 'save_plot'])
  expect((await toolsOf(async () => expect.fail(), support)).map(({ name }) => name)).toEqual([
    'save_ticket',
    'save_article',
  ])
  for (const tool of tools) expect(tool).toMatchObject({ effect: 'own', isPersonal: false, timeLimit: 10_000 })
  expect(tools[3]).toMatchObject({
    description: 'Saves the plot of a book.',
    parameters: {
      ...{ type: 'object', required: ['title', 'plot'], additionalProperties: false },
      properties: { plot: { type: 'string', maxLength: 50_000 }, plot_id: { type: 'string' } },
    },
  })
})

test('[ART-60] it saves for whoever asked, and anew with the id that it gave', async () => {
  await using world = await openWorld()
  const ann = await world.member('ann')
  const room = await world.execute(ann, { type: 'room.make', label: null, name: null, kind: 'private' })
  const save = (draft: ArtefactDraft) => world.execute('operator', { type: 'artefact.save', ...draft })
  const tool = (await toolsOf(save)).find(({ name }) => name === 'save_plot')!
  const told: unknown[] = []
  const question = { ...ask('a plot, please'), run: runIn(world.core, ann.user, room), asker: ann.user, room }
  const progress = (...said: unknown[]) => void told.push(said)
  const use = (args: JsonObject) => tool.run(args, { question, progress, signal: AbortSignal.abort() })
  const saved = (await use({ title: 'Ash', plot: 'It burns.' })) as { plot_id: string }
  const { plot_id: id } = saved
  expect(saved).toEqual({ plot_id: id, kind: 'plot', id, title: 'Ash', version: 1 })
  expect(told).toEqual([['Saving plot to database...', 0.5]])
  expect(await use({ title: 'Snow', plot: 'It melts.', plot_id: id })).toMatchObject({ id, title: 'Snow', version: 2 })
  const { artefact } = await world.execute(ann, { type: 'artefact.show', id, version: null })
  expect(artefact).toMatchObject({ owner: ann.user.id, room: room.id, data: { title: 'Snow', plot: 'It melts.' } })
  await expect(use({ title: '', author: 'x', plot: 'x' })).rejects.toThrow('Not saved: title should have at least 1')
  const unknown = use({ title: 'x', plot: 'x', plot_id: 'x' })
  await expect(unknown).rejects.toThrow('Not saved: there is no such plot of this conversation')
})

test('[ART-61] a refusal is told in words for the model; a fault of ours stays one', async () => {
  const failure = async (error: unknown) => {
    const [tool] = await toolsOf(async () => Promise.reject(error))
    const call = { question: ask('x'), progress: () => {}, signal: AbortSignal.abort() }
    return tool?.run({}, call).catch(error => error)
  }
  const refusals: Refusal[] = [
    { code: 'storage_insufficient' },
    { code: 'version_conflict', version: 2 },
    { code: 'room_unknown' },
  ]
  const texts = []
  for (const refusal of refusals) {
    const error = await failure(new Refused(refusal))
    expect(error).toBeInstanceOf(ToolFailed)
    texts.push((error as ToolFailed).message)
  }
  expect(texts).toEqual([
    'Not saved: there is no room for more',
    'Not saved: it was changed at this moment',
    'It could not be saved',
  ])
  const fault = new TypeError('ours')
  expect(await failure(fault)).toBe(fault)
})
