import { expect } from 'vitest'
import type { RoomId } from '../../src/core/ids.ts'
import type { Write, WriteOf } from '../../src/core/ports/writes.ts'
import { isJoinable, JOINABLE_KINDS } from '../../src/core/room.ts'
import type { User } from '../../src/core/user.ts'
import {
  type Attempt,
  answerOf,
  type Knowledge,
  noteEnd,
  noteErased,
  noteIn,
  type Place,
  pick,
  placeOf,
  refusedWith,
} from './store-knowledge.ts'
import type { Step } from './store-model.ts'
import type { RunStep } from './store-recount-runs.ts'
import { newId, newUser } from './store-world.ts'

type RoomStep = Exclude<Step, RunStep | { do: 'send' | 'edit' | 'delete' | 'mark' | 'mark room' }>

/** What people do to rooms, and to be in them. */
export function roomAttempt(known: Knowledge, step: RoomStep, at: number): Attempt {
  switch (step.do) {
    case 'join':
      return join(known, at)
    case 'leave':
      return leave(known, step, at)
    case 'open':
      return openDirect(known, step, at)
    case 'make':
      return make(known, step, at)
    case 'enter':
      return enter(known, step, at)
    case 'exit':
      return exit(known, step, at)
    case 'end':
      return end(known, step, at)
    case 'talk':
      return talk(known, step, at)
    case 'trim':
    case 'erase':
      return erase(known, step)
    default:
      return step satisfies never
  }
}

const lobbyOf = ({ places }: Knowledge): Place => places[0]!
const isLiving = (known: Knowledge, user: User): boolean => lobbyOf(known).members.has(user.id)

/** A room that people come to and go from; the lobby where there is none. */
const pickJoinable = ({ places }: Knowledge, index: number): Place =>
  pick(
    places.filter(({ kind }, at) => at === 0 || isJoinable(kind)),
    index,
  )

function join(known: Knowledge, at: number): Attempt {
  const user = newUser(`user ${newId()}`)
  return {
    write: { type: 'user.create', user, key: null, ticket: null, at },
    settle(outcome) {
      expect(outcome.state).toBe('done')
      known.people.push(user)
      lobbyOf(known).members.set(user.id, lobbyOf(known).sent.length)
    },
  }
}

function leave(known: Knowledge, step: Step & { do: 'leave' }, at: number): Attempt {
  const user = pick(known.people, step.who)
  return {
    write: { type: 'user.delete', id: user.id, at },
    settle(outcome) {
      expect(outcome.state).toBe(isLiving(known, user) ? 'done' : 'refused')
      for (const place of known.places) {
        if (!place.members.delete(user.id)) continue
        if (place.kind === 'conversation') noteEnd(known, place, at)
        else if (isJoinable(place.kind)) noteIn(place, 'member.left', at)
      }
      const left = known.talks.filter(({ owner }) => owner !== user.id)
      known.talks.splice(0, known.talks.length, ...left)
    },
  }
}

function openDirect(known: Knowledge, step: Step & { do: 'open' }, at: number): Attempt {
  const [one, other] = [pick(known.people, step.by), pick(known.people, step.with)]
  const pair = one.id < other.id ? ([one.id, other.id] as const) : ([other.id, one.id] as const)
  const write: WriteOf<'room.open_direct'> = { type: 'room.open_direct', id: newId<RoomId>(), pair, at }
  return {
    write,
    settle(outcome) {
      const there = known.places.find(place => place.pair?.[0] === pair[0] && place.pair[1] === pair[1])
      if (there) return expect(outcome).toMatchObject({ value: { room: { id: there.id, pair } } })
      if (![one, other].every(user => isLiving(known, user))) {
        return expect(outcome).toMatchObject(refusedWith('user_unknown'))
      }
      expect(outcome).toMatchObject({ value: { room: { id: write.id, pair } } })
      const members = new Map(pair.map(user => [user, 0]))
      known.places.push(placeOf({ id: write.id, kind: 'direct', pair, createdAt: at, members }))
    },
  }
}

function make(known: Knowledge, step: Step & { do: 'make' }, at: number): Attempt {
  const owner = pick(known.people, step.by)
  const kind = pick(JOINABLE_KINDS, step.kind)
  const id = newId<RoomId>()
  const room = { id, kind, label: `room ${id}`, name: '', owner: owner.id, assistant: 'mention' } as const
  return {
    write: { type: 'room.create', room, at },
    settle(outcome) {
      if (!isLiving(known, owner)) return expect(outcome).toMatchObject(refusedWith('user_unknown'))
      expect(outcome).toMatchObject({ value: { room, seq: 1, at, members: 1 } })
      const conversation = answerOf<'room.create'>(outcome)?.room.conversation ?? null
      expect(conversation === null).toBe(kind === 'private')
      const place = placeOf({ id, kind, createdAt: at, conversation, members: new Map([[owner.id, 0]]) })
      noteIn(place, 'member.joined', at)
      known.places.push(place)
    },
  }
}

function enter(known: Knowledge, step: Step & { do: 'enter' }, at: number): Attempt {
  const user = pick(known.people, step.by)
  const place = pickJoinable(known, step.to)
  return {
    write: { type: 'member.join', room: place.id, user: user.id, at },
    settle(outcome) {
      if (place.isDeleted) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      if (!isLiving(known, user)) return expect(outcome).toMatchObject(refusedWith('user_unknown'))
      if (place.members.has(user.id)) return expect(outcome).toMatchObject({ value: { state: 'present' } })
      place.members.set(user.id, place.sent.length)
      const seq = noteIn(place, 'member.joined', at)
      const moved = { seq, at: place.lastAt, members: place.members.size }
      expect(outcome).toEqual({ state: 'done', value: { state: 'joined', ...moved } })
    },
  }
}

function exit(known: Knowledge, step: Step & { do: 'exit' }, at: number): Attempt {
  const user = pick(known.people, step.by)
  const place = pickJoinable(known, step.to)
  return {
    write: { type: 'member.leave', room: place.id, user: user.id, at },
    settle(outcome) {
      // Who asked for the lobby is nothing that counts depend on.
      if (place.kind === 'lobby') return
      if (place.isDeleted) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      if (!place.members.delete(user.id)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      const seq = noteIn(place, 'member.left', at)
      expect(outcome).toEqual({ state: 'done', value: { seq, at: place.lastAt, members: place.members.size } })
    },
  }
}

function end(known: Knowledge, step: Step & { do: 'end' }, at: number): Attempt {
  const place = pick(known.places, step.which)
  return {
    write: { type: 'room.delete', room: place.id, at },
    settle(outcome) {
      const canEnd = !place.isDeleted && place.kind !== 'lobby' && place.kind !== 'direct'
      if (!canEnd) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      noteEnd(known, place, at)
      expect(outcome).toMatchObject({ value: { seq: place.log.length, at: place.lastAt, room: { id: place.id } } })
    },
  }
}

function talk(known: Knowledge, step: Step & { do: 'talk' }, at: number): Attempt {
  const owner = pick(known.people, step.by)
  const privates = known.places.filter(({ kind }) => kind === 'private')
  const there = step.in === null || privates.length === 0 ? undefined : pick(privates, step.in)
  const id = there?.id ?? newId<RoomId>()
  const room = there ? { in: id } : { own: id }
  return {
    write: { type: 'conversation.open', owner: owner.id, room, title: null, at },
    settle(outcome) {
      if (there?.isDeleted) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      if (there && !there.members.has(owner.id)) return expect(outcome).toMatchObject(refusedWith('not_member'))
      if (!isLiving(known, owner)) return expect(outcome).toMatchObject(refusedWith('user_unknown'))
      expect(outcome).toMatchObject({ value: { conversation: { room: id, owner: owner.id, lastAt: at } } })
      const number = answerOf<'conversation.open'>(outcome)?.conversation.number ?? 0
      const members = new Map([[owner.id, 0]])
      const place = there ?? placeOf({ id, kind: 'conversation', createdAt: at, conversation: number, members })
      if (!there) known.places.push(place)
      known.talks.push({ number, room: place, owner: owner.id, lastAt: at })
    },
  }
}

function erase(known: Knowledge, step: Step & { do: 'trim' | 'erase' }): Attempt {
  const place = pick(known.places, step.to)
  const { limit } = step
  const keep = step.do === 'trim' ? step.keep : 0
  const write: Write =
    step.do === 'trim'
      ? { type: 'room.trim', room: place.id, keep, limit }
      : { type: 'room.erase', room: place.id, limit }
  return {
    write,
    settle(outcome) {
      if (place.isDeleted === (step.do === 'trim')) return expect(outcome).toMatchObject(refusedWith('room_unknown'))
      const most = Math.max(0, Math.min(place.sent.length - keep - place.floor, limit))
      if (step.do === 'trim') expect(outcome).toEqual({ state: 'done', value: { removed: most } })
      // How much else there is to erase is the store's own business; of a deleted room nothing is shown.
      const removed = step.do === 'trim' ? most : 0
      for (const sent of place.sent.slice(place.floor, place.floor + removed)) noteErased(known, sent)
      place.floor += removed
    },
  }
}
