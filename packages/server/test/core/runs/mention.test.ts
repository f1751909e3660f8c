import { expect, test } from 'vitest'
import type { RoomId, UserId } from '../../../src/core/ids.ts'
import type { AssistantRule, Room, RoomKind } from '../../../src/core/room.ts'
import type { AskOptions } from '../../../src/core/run.ts'
import { answers } from '../../../src/core/runs/mention.ts'
import { newId } from '../../contracts/store-world.ts'

const agent = { id: newId<UserId>(), name: 'Ada Lö.velace' }
const options: AskOptions = { model: null, systemPrompt: null, temperature: 0, maxTokens: null }

const room = (kind: RoomKind, assistant: AssistantRule, pair: Room['pair'] = null): Room => ({
  ...{ id: newId<RoomId>(), kind, pair, assistant, label: null, name: 'r', owner: null, isClosed: false },
  ...{ conversation: null, createdAt: 0, deletedAt: null },
})

test('[RUN-1] the rule of a room says what is answered there', () => {
  for (const kind of ['lobby', 'private', 'shared', 'group', 'conversation'] as const) {
    expect(answers(room(kind, 'always'), 'x', null, agent)).toBe(true)
    expect(answers(room(kind, 'mention'), 'x', null, agent)).toBe(false)
    expect(answers(room(kind, 'mention'), 'x', options, agent)).toBe(true)
    expect(answers(room(kind, 'mention'), '@assistant x', null, agent)).toBe(true)
    expect(answers(room(kind, 'off'), '@assistant x', options, agent)).toBe(false)
  }
})

test('[RUN-1] a direct room with the agent is always answered, another one never', () => {
  const [ann, ben] = [newId<UserId>(), newId<UserId>()]
  expect(answers(room('direct', 'off', [agent.id, ann]), 'x', null, agent)).toBe(true)
  expect(answers(room('direct', 'always', [ann, ben]), '@assistant', options, agent)).toBe(false)
  expect(answers(room('directory', 'always'), '@assistant', options, agent)).toBe(false)
})

test('[RUN-2] a mention is an @ and the name as a word of its own, in any case', () => {
  const here = room('lobby', 'mention')
  for (const text of [
    '@assistant',
    'Well, @Assistant?',
    '(@ASSISTANT)',
    "@assistant's turn",
    '@AI Assistant: go',
    'hey @ada lö.velace!',
    '@ADA LÖ.VELACE',
    '@ada lo\u0308.velace',
    '＠assistant',
    '@assistants, no: @assistant',
    '🤖@assistant🤖',
  ]) {
    expect(answers(here, text, null, agent), text).toBe(true)
  }
  for (const text of [
    'assistant',
    '@ assistant',
    '@assistants',
    '@assistant2',
    '@assistant_x',
    '@assistantä',
    'x@assistant',
    '𝒳@assistant',
    '@ada',
    '@ada löxvelace',
    '',
    '@',
  ]) {
    expect(answers(here, text, null, agent), text).toBe(false)
  }
})
