import { expect, test } from 'vitest'
import { fill, fillAll, holds } from '../../../src/agents/teams/fill.ts'
import { readTeam } from '../../../src/agents/teams/team-file.ts'
import { file, teamOf } from './teams.ts'

test('[TEAM-20] a team is made of a file, its agents in the order of the file', () => {
  const team = teamOf()
  expect([...team.agents.keys()]).toEqual(['first', 'second', 'third'])
  expect(team.entry.name).toBe('FirstAgent')
  expect(team.agents.get('second')).toMatchObject({ silence: 30_000, model: 'other/m', tools: ['save'] })
})

test('[TEAM-21] every mistake in a file is named with its place', () => {
  const wrong = (over: object) => {
    const read = readTeam({ ...file, ...over })
    return read.state === 'wrong' ? read.mistakes.join('\n') : 'read'
  }
  const { first, second, third } = file.agents
  expect(wrong({ entry: 'nobody' })).toContain('entry: there is no agent nobody')
  expect(wrong({ name: 'Big Team' })).toContain('name: ')
  expect(wrong({ surprise: 1 })).toContain('surprise')
  expect(wrong({ agents: { first, second: { ...second, hands_off_to: ['x'] }, third } })).toContain(
    'agents.second.hands_off_to: there is no agent x',
  )
  expect(wrong({ agents: { first: { ...first, consults: ['first'] }, second, third } })).toContain("can't name itself")
  expect(wrong({ agents: { first, second, third: { ...third, name: 'firstagent' } } })).toContain('the same name')
  expect(wrong({ agents: { first, second, third: { ...third, instructions: '' } } })).toContain(
    'agents.third.instructions',
  )
  expect(readTeam('x').state).toBe('wrong')
})

test('[TEAM-22] texts of a script are filled by the request, and chosen by its words', () => {
  expect(fill('So: {request}', 'a book about ships.')).toBe('So: a book about ships.')
  expect(fill('On {subject}', 'a book about ships.')).toBe('On ships')
  const choice = 'choose:\ndragon, wyrm: D {subject}\nelse: E'
  expect(fill(choice, 'two Dragons')).toBe('D two Dragons')
  expect(fill(choice, 'snapdragon')).toBe('E')
  expect(fill('choose:\na: b', 'nothing')).toBe('')
  expect(fillAll({ a: ['{subject}', 1, null] }, 'of x')).toEqual({ a: ['x', 1, null] })
  expect(holds('C++ (really)', ['c++ ('])).toBe(true)
  expect(fill('{request}', 'x'.repeat(400))).toHaveLength(301)
})
