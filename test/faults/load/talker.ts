import { type Life, noteSending, noteStored } from '../history.ts'
import { type Actor, ask, type Member, type Stage, untilGone } from './actor.ts'
import { isPushed, openWire } from './wire.ts'

/** Texts that no other has, of lengths between a word and what takes several pages of the database. */
function composer(member: Member, others: readonly Member[], { history, random }: Stage) {
  let count = 0
  return () => {
    const to = random.chance(0.3) ? random.pick(others).name : null
    const body = `${member.name}.${++count} ${'x'.repeat(random.below(random.chance(0.1) ? 8_000 : 400))}`
    noteSending(history, { sender: member.name, to, body })
    return { content: body, ...(to !== null && { to_username: to }) }
  }
}

/** Keeps `window` messages without an answer on their way, to the room and to `others`. */
export function talker(member: Member, others: readonly Member[], stage: Stage, window: number): Actor {
  const compose = composer(member, others, stage)
  return {
    async enter(url) {
      const life: Life = { user: member.name, shown: [] }
      const say = () => wire.send(compose())
      const wire = await openWire(url, member.key, frame => {
        if (isPushed(frame)) life.shown.push(frame.id)
        else if (frame.message) noteStored(stage.history, frame.message.id, frame.message.content)
        if (frame.message || frame.error !== undefined) say()
      })
      return {
        life,
        async work() {
          for (let i = 0; i < window; i++) say()
          life.closed = await wire.closed
        },
      }
    },
  }
}

/** Sends one message after the other over HTTP. */
export function poster(member: Member, others: readonly Member[], stage: Stage): Actor {
  const compose = composer(member, others, stage)
  return {
    enter: async url => ({
      work: () =>
        untilGone(async () => {
          const message = compose()
          const answer = await ask(url, 'POST', '/messages', member.key, message)
          // The contract of POST /messages.
          if (answer.status === 201) noteStored(stage.history, (answer.body as { id: string }).id, message.content)
          return 'more'
        }),
    }),
  }
}
