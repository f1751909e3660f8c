import { expect } from 'vitest'
import type { MessageId, RunId } from '../../src/core/ids.ts'
import type { Outcome, Write } from '../../src/core/ports/writes.ts'
import {
  type Asked,
  type Attempt,
  answerOf,
  type Knowledge,
  noteIn,
  noteSent,
  pick,
  refusedWith,
  type Sent,
} from './store-knowledge.ts'
import type { Step } from './store-model.ts'
import { newId } from './store-world.ts'

const options = { model: null, systemPrompt: null, temperature: null, maxTokens: null }

export type RunStep = Step & { do: 'ask' | 'say' | 'finish' }

export function runAttempt(known: Knowledge, step: RunStep, at: number): Attempt {
  switch (step.do) {
    case 'ask':
      return ask(known, step, at)
    case 'say':
      return say(known, step, at)
    case 'finish':
      return finish(known, step, at)
    default:
      return step satisfies never
  }
}

function ask(known: Knowledge, step: Step & { do: 'ask' }, at: number): Attempt {
  const [sender, agent] = [pick(known.people, step.by).id, pick(known.people, step.agent).id]
  const room = pick(known.places, step.to)
  const [id, run] = [newId<MessageId>(), newId<RunId>()]
  const write: Write = {
    ...{ type: 'message.append', id, room: room.id, sender, kind: 'text', body: 'how?', replyTo: null, retry: null },
    ...{ conversation: null, run: { id: run, agent, options }, at },
  }
  return {
    write,
    settle(outcome) {
      if (room.isDeleted) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      if (!room.members.has(sender)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const question: Sent = { id, room, sender, conversation: room.conversation, state: 'there' }
      const placed = noteSent(known, question, at)
      const seq = noteIn(room, 'run.started', at)
      expect(outcome).toMatchObject({ value: { ...placed, run: { run: { id: run, asker: sender }, seq } } })
      known.runs.push({ id: run, room, agent, question, text: '', head: 0, state: 'open', answer: null })
    },
  }
}

// Counted from the newest, as messages are.
const pickRun = ({ runs }: Knowledge, index: number): Asked | undefined => runs.at(-1 - (index % (runs.length || 1)))

/** Whether the run takes steps and an end; checks how it refuses them where it doesn't. */
function takes(run: Asked | undefined, outcome: Outcome): run is Asked {
  // How much of a deleted room is erased is the store's own business.
  if (run?.room.isDeleted) return false
  if (run?.state === 'open') return true
  expect(outcome).toMatchObject(refusedWith(run?.state === 'ended' ? 'run_ended' : 'run_unknown'))
  return false
}

function say(known: Knowledge, step: Step & { do: 'say' | 'finish' }, at: number): Attempt {
  const run = pickRun(known, step.which)
  const text = `said at ${at}`
  return {
    write: { type: 'run.append', run: run?.id ?? newId<RunId>(), steps: [{ type: 'text', text }], at },
    settle(outcome) {
      if (!takes(run, outcome)) return
      expect(outcome).toEqual({ state: 'done', value: { steps: [{ type: 'text', text, n: ++run.head, at }] } })
      run.text += text
    },
  }
}

function finish(known: Knowledge, step: Step & { do: 'say' | 'finish' }, at: number): Attempt {
  const run = pickRun(known, step.which)
  const id = newId<MessageId>()
  const ending = { state: 'completed', usage: null, fault: null, answer: id } as const
  return {
    write: { type: 'run.end', run: run?.id ?? newId<RunId>(), ...ending, at },
    settle(outcome) {
      if (!takes(run, outcome)) return
      const { room, agent: sender, question, text } = run
      run.state = 'ended'
      expect(answerOf<'run.end'>(outcome)?.step.n).toBe(++run.head)
      if (text === '') {
        const seq = noteIn(room, 'run.ended', at)
        return expect(outcome).toMatchObject({ value: { message: null, seq, at: room.lastAt } })
      }
      run.answer = { id, room, sender, conversation: question.conversation, state: 'there' }
      const placed = noteSent(known, run.answer, at)
      expect(outcome).toMatchObject({ value: { message: { id, body: text, ...placed }, seq: placed.seq } })
    },
  }
}
