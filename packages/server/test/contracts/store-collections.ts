import { expect } from 'vitest'
import type { Collection } from '../../src/core/collection.ts'
import type { CollectionId, MessageId } from '../../src/core/ids.ts'
import type { User } from '../../src/core/user.ts'
import { rule } from './store-rule.ts'
import { newId, type OpenStore, START } from './store-world.ts'

const collectionOf = (owner: User, over: Partial<Collection> = {}): Collection => ({
  id: newId<CollectionId>(),
  owner: owner.id,
  title: null,
  description: null,
  messages: [],
  createdAt: START,
  ...over,
})

export function collectionRules(open: OpenStore): void {
  rule(open, '[STORE-70] a collection comes back as it was made; a change sets what it names', async world => {
    const { store, write, person } = world
    const messages = [newId<MessageId>(), newId<MessageId>(), newId<MessageId>()]
    const collection = collectionOf(await person('ann'), {
      title: 'Best of',
      description: 'a b',
      messages: [messages[2]!, messages[0]!, messages[2]!],
    })
    await write({ type: 'collection.create', collection })
    expect(await store.collection(collection.id)).toEqual(collection)
    const { id } = collection
    const retitled = { ...collection, title: 'Worst of', description: null }
    expect(await write({ type: 'collection.change', id, patch: { title: 'Worst of', description: null } })).toEqual({
      collection: retitled,
    })
    const refilled = { ...retitled, messages: [messages[1]!] }
    expect(await write({ type: 'collection.change', id, patch: { messages: [messages[1]!] } })).toEqual({
      collection: refilled,
    })
    expect(await store.collection(id)).toEqual(refilled)
  })

  rule(open, '[STORE-71] collections are listed newest first, of an owner or of all', async world => {
    const { store, write, person } = world
    const [ann, ben] = [await person('ann'), await person('ben')]
    const all: Collection[] = []
    for (let index = 0; index < 6; index++) {
      const collection = collectionOf(index % 3 === 0 ? ben : ann, { title: `${index}`, createdAt: START - index })
      await write({ type: 'collection.create', collection })
      all.unshift(collection)
    }
    const mine = all.filter(one => one.owner === ann.id)
    expect(await store.collections(null, { limit: 10, offset: 0 })).toEqual({ items: all, total: 6 })
    expect(await store.collections(null, { limit: 2, offset: 3 })).toEqual({ items: all.slice(3, 5), total: 6 })
    expect(await store.collections(ann.id, { limit: 2, offset: 1 })).toEqual({ items: mine.slice(1, 3), total: 4 })
    expect(await store.collections(ann.id, { limit: 2, offset: 9 })).toEqual({ items: [], total: 4 })
  })

  rule(open, '[STORE-72] a collection that is not there can be neither changed nor deleted', async world => {
    const { store, write, refusal, person } = world
    const collection = collectionOf(await person('ann'), { messages: [newId<MessageId>()] })
    const { id } = collection
    await write({ type: 'collection.create', collection })
    expect(await refusal({ type: 'collection.create', collection })).toEqual({ code: 'id_conflict' })
    await write({ type: 'collection.delete', id })
    expect(await store.collection(id)).toBeUndefined()
    expect(await store.collections(null, { limit: 9, offset: 0 })).toEqual({ items: [], total: 0 })
    const unknown = { code: 'collection_unknown', id }
    expect(await refusal({ type: 'collection.delete', id })).toEqual(unknown)
    expect(await refusal({ type: 'collection.change', id, patch: { title: 'x' } })).toEqual(unknown)
    await write({ type: 'collection.create', collection: { ...collection, messages: [] } })
    expect((await store.collection(id))?.messages).toEqual([])
  })
}
