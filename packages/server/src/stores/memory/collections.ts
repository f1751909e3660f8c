import type { CollectionReads } from '../../core/ports/store.ts'
import type { Outcome, WriteOf } from '../../core/ports/writes.ts'
import { done, refused } from '../outcomes.ts'
import type { State } from './state.ts'

export function createCollection(
  state: State,
  { collection }: WriteOf<'collection.create'>,
): Outcome<'collection.create'> {
  if (state.collections.has(collection.id)) return refused({ code: 'id_conflict' })
  state.collections.set(collection.id, collection)
  return done({})
}

export function changeCollection(
  state: State,
  { id, patch }: WriteOf<'collection.change'>,
): Outcome<'collection.change'> {
  const before = state.collections.get(id)
  if (!before) return refused({ code: 'collection_unknown', id })
  const collection = { ...before, ...patch }
  state.collections.set(id, collection)
  return done({ collection })
}

export function deleteCollection(state: State, { id }: WriteOf<'collection.delete'>): Outcome<'collection.delete'> {
  return state.collections.delete(id) ? done({}) : refused({ code: 'collection_unknown', id })
}

export function collectionReads(state: State): CollectionReads {
  return {
    collection: async id => state.collections.get(id),
    collections: async (owner, { limit, offset }) => {
      const found = [...state.collections.values()].filter(one => owner === null || one.owner === owner).reverse()
      return { items: found.slice(offset, offset + limit), total: found.length }
    },
  }
}
