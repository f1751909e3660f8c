import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameFault, nameKey, normalName } from '../../src/core/names.ts'
import { character } from '../unicode.ts'
import { openWorld } from '../world.ts'

/** Texts of all scripts, with a lean towards letters that have several cases or forms. */
const wild = fc.oneof(
  fc.string({ unit: character, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...'aAäÄßẞıİſΐΰϊςσΣᾳﬁǆǅéñ가각Å½'), maxLength: 12 }),
)

test('[CORE-1] a name is kept in NFC', async () => {
  await using world = await openWorld()
  const { user } = await world.member('Ame\u0301lie')
  expect(user.name).toBe('Am\u00e9lie')
  fc.assert(
    fc.property(wild, text => normalName(normalName(text)) === normalName(text)),
    { seed: 1 },
  )
})

test.each([
  ['', 'empty'],
  ['x'.repeat(51), 'too_long'],
  ['\u{1f600}'.repeat(51), 'too_long'],
  ['a\u0000b', 'invisible'],
  ['a\nb', 'invisible'],
  ['a\u202eb', 'invisible'],
  ['a\u200bb', 'invisible'],
  ['a\u200db', 'invisible'],
  ['a\ufeffb', 'invisible'],
  ['a\u2028b', 'invisible'],
  ['\u3164', 'invisible'],
  ['\ud800', 'invisible'],
  ['\ue000', 'invisible'],
  ['\u{e0041}', 'invisible'],
  ['a\ufe0f', 'invisible'],
  ['a\u034fb', 'invisible'],
  ['a\u{e0100}', 'invisible'],
  ['a\u17b4b', 'invisible'],
  ['a\u180b', 'invisible'],
  ['\u2800', 'invisible'],
  [' a', 'edges'],
  ['a\u00a0', 'edges'],
  ['system', 'reserved'],
  ['Assistant', 'reserved'],
  ['ＳＹＳＴＥＭ', 'reserved'],
  ['ſystem', 'reserved'],
  ['lobby', 'reserved'],
  ['me', 'reserved'],
  ['Online', 'reserved'],
  ['..', 'reserved'],
  ['01890000-0000-7000-8000-00000000000A', 'reserved'],
  ['anonymous', 'reserved'],
])('[CORE-1] "%s" is no name: %s', (name, fault) => {
  expect(nameFault(normalName(name))).toBe(fault)
})

test.each([
  'a',
  'x'.repeat(50),
  '\u{1f600}'.repeat(50),
  'two words',
  'Ünïcödé',
  '李雷',
  'O’Neil-1_x',
  '\u2764\ufe0f Ann',
])('[CORE-1] "%s" is a name', name => {
  expect(nameFault(normalName(name))).toBeUndefined()
})

test('[CORE-2] names that differ in case or form only are the same name', () => {
  const isName = (text: string) => nameFault(normalName(text)) === undefined
  fc.assert(
    fc.property(wild.map(normalName).filter(isName), name => {
      const key = nameKey(name)
      expect(nameKey(key)).toBe(key)
      for (const form of [name.toLowerCase(), name.toUpperCase()]) expect(nameKey(normalName(form))).toBe(key)
      for (const form of ['NFD', 'NFC', 'NFKC', 'NFKD']) expect(nameKey(name.normalize(form))).toBe(key)
    }),
    { seed: 1, numRuns: 1_000 },
  )
  expect(nameKey('Straße')).toBe(nameKey('STRASSE'))
  expect(nameKey('\u0390')).toBe(nameKey('\u0390'.toUpperCase()))
  expect(nameKey('ﬁsh')).toBe(nameKey('FISH'))
  expect(nameKey('\u2764\ufe0f Ann')).toBe(nameKey('\u2764 Ann'))
})

test('[CORE-2] the same name is refused in any form, for a rename too', async () => {
  await using world = await openWorld()
  await world.member('Zoë')
  const bob = await world.member('bob')
  for (const name of ['Zoë', 'ZOË', 'zoe\u0308']) {
    await expect(world.member(name)).rejects.toThrow('name_taken')
    await expect(world.execute(bob, { type: 'me.rename', name })).rejects.toThrow('name_taken')
  }
  await world.execute(bob, { type: 'me.rename', name: 'BOB' })
})

test('[CORE-3] the name of a deleted user is never given again; one given up by renaming is free', async () => {
  await using world = await openWorld()
  const bob = await world.member('bob')
  await world.execute(bob, { type: 'me.rename', name: 'robert' })
  const other = await world.member('Bob')
  await world.execute('operator', { type: 'admin.delete', ref: 'robert' })
  await expect(world.member('Robert')).rejects.toThrow('name_taken')
  await expect(world.execute(other, { type: 'me.rename', name: 'robert' })).rejects.toThrow('name_taken')
})
