import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createTeamRunner } from '../../src/agents/teams/runner.ts'
import { readTeam } from '../../src/agents/teams/team-file.ts'
import { artefactTools } from '../../src/agents/tools/artefacts.ts'
import type { ArtefactDraft } from '../../src/core/commands/artefact-changes.ts'
import { TEAMS } from '../../src/start/artefact-kinds.ts'
import { catalogOf } from '../agents/models/models.ts'
import { type Asked, compatible, serve } from '../agents/models/server.ts'
import { plain } from '../agents/tools.ts'
import { artefactKinds } from '../artefacts.ts'
import type { Frame } from '../client.ts'
import { ownTime } from '../outbound/time.ts'
import { openWorld, type World } from '../world.ts'
import { SessionClient, textOf } from './client.ts'
import { complete, type Said } from './completions.ts'

/** The books team with a model at `url`, and everything it saves in the core. */
async function openBooks(url: string): Promise<World> {
  const read = readTeam(parse(readFileSync(join(TEAMS, 'books', 'team.yaml'), 'utf8')))
  if (read.state === 'wrong') throw new Error(read.mistakes.join())
  const kinds = artefactKinds.teams.find(({ team }) => team === 'books')
  if (!kinds) throw new Error('the books team makes nothing')
  const save = (draft: ArtefactDraft) => world.execute('operator', { type: 'artefact.save', ...draft })
  const time = ownTime()
  const agents = createTeamRunner(read.team, {
    ...plain,
    catalog: catalogOf([compatible(url)], 'local/writer', { time }),
    sources: [artefactTools(kinds, save)],
    ...{ later: time.after, onTrouble: () => undefined, timeLimit: 600_000 },
  })
  const world = await openWorld({ agents })
  return world
}

const handOff = (to: string, reason: string) => ['hand_off', { to, reason }] as const
const PLOT = { title: 'Ash & “Ember” 🐉', plot: 'It burns, then it is put out.' }

/** What the model says, answer by answer. It forgets half of a plot at first, and names the world that it was told was saved. */
const STORY: readonly ((asked: Asked) => Said)[] = [
  () => ({ text: 'I have it planned. ', call: handOff('plot_generator', 'A plot comes first') }),
  () => ({ text: 'Drachen 🐉 und Asche. ', call: ['save_plot', { title: PLOT.title }] }),
  () => ({ text: 'Once more. ', call: ['save_plot', PLOT] }),
  () => ({ text: 'The plot stands. ', call: handOff('world_building', 'It needs a world') }),
  () => ({ text: 'Slate and salt. ', call: ['save_world_building', { title: 'Slate', overview: 'One road in.' }] }),
  asked => {
    worldIn = idIn(asked, 'world_building_id')
    return { text: '', call: handOff('characters', 'Who lives there') }
  },
  () => ({
    text: 'Ida. ',
    call: ['save_characters', { title: 'Cast', world: worldIn, characters: [{ name: 'Ida' }] }],
  }),
  () => ({ text: 'All is saved.' }),
]
let worldIn = ''

const ALL = { room: null, kind: null, conversation: null, limit: 10, offset: 0 } as const

const idIn = ({ body }: Asked, field: string): string =>
  new RegExp(`${field}\\W+([0-9a-f-]{36})`).exec(JSON.stringify(body.messages))?.[1] ?? ''

/** What happens, without text: who speaks, who hands on, what the tools do. */
function outline(frames: readonly Frame[]): readonly string[] {
  const lines = frames.map(({ type, ...frame }) => {
    if (type === 'stream_chunk') return `${frame.agent}`
    if (type === 'agent_switch') return `${frame.from_agent} > ${frame.to_agent}: ${frame.reason}`
    return type === 'tool_execution' ? `${frame.tool_name} ${frame.status} ${frame.progress}` : `${type}`
  })
  return lines.filter((line, i) => line !== lines[i - 1])
}

test('[TEAM-61] three hand-offs and four uses of tools, by the wire of a provider: frames in order, and everything saved', async () => {
  const { url, asked } = await serve(complete((one, count) => STORY[count - 1]!(one)))
  await using world = await openBooks(url)
  const ann = await world.member('ann')
  const client = await SessionClient.open(world, 'novel', { headers: { 'X-API-Key': ann.key } })
  client.say('Plot, world and characters, please')
  const frames = await client.answer()
  expect(outline(frames)).toEqual([
    'OrchestratorAgent',
    'OrchestratorAgent > PlotGeneratorAgent: A plot comes first',
    'PlotGeneratorAgent',
    ...['save_plot executing 0', 'save_plot failed 0', 'PlotGeneratorAgent'],
    ...['save_plot executing 0', 'save_plot executing 0.5', 'save_plot completed 1', 'PlotGeneratorAgent'],
    'PlotGeneratorAgent > WorldBuildingAgent: It needs a world',
    'WorldBuildingAgent',
    ...['save_world_building executing 0', 'save_world_building executing 0.5', 'save_world_building completed 1'],
    'WorldBuildingAgent > CharactersAgent: Who lives there',
    'CharactersAgent',
    ...['save_characters executing 0', 'save_characters executing 0.5', 'save_characters completed 1'],
    'CharactersAgent',
    'completion',
  ])
  const chunks = frames.filter(({ type }) => type === 'stream_chunk').map(frame => frame.chunk_id)
  expect(chunks).toEqual(chunks.map((_, i) => i + 1))
  expect(textOf(frames)).toContain('Drachen 🐉 und Asche.')
  expect(asked).toHaveLength(STORY.length)
  await client
    .ask({ type: 'session_restore' })
    .then(({ messages }) =>
      expect(messages).toMatchObject([{ role: 'user' }, { role: 'assistant', content: textOf(frames) }]),
    )
  const { items } = await world.execute(ann, { type: 'artefact.list', ...ALL })
  expect(items.map(({ artefact }) => artefact.kind).toSorted()).toEqual(['characters', 'plot', 'world_building'])
  const { plot_id, ...results } = { ...(frames.at(-1)?.results as Frame | undefined) } // of the completion
  const idOf = (kind: string) => String(items.find(({ artefact }) => artefact.kind === kind)?.artefact.id)
  expect(plot_id).toBe(idOf('plot'))
  expect(results).toMatchObject({
    title: PLOT.title,
    world_building_id: idOf('world_building'),
    agents_used: ['OrchestratorAgent', 'PlotGeneratorAgent', 'WorldBuildingAgent', 'CharactersAgent'],
    model_used: 'local/writer',
  })
  const show = (kind: string) => world.execute(ann, { type: 'artefact.show', id: idOf(kind), version: null })
  expect((await show('plot')).artefact).toMatchObject({ owner: ann.user.id, data: PLOT })
  expect((await show('characters')).artefact.links).toEqual([{ field: 'world', to: idOf('world_building') }])
})
