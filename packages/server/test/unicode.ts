import fc from 'fast-check'

const isSurrogate = (point: number): boolean => point >= 0xd800 && point <= 0xdfff

/** Any character there is, ASCII more often. What fast-check has for this takes a second of each file that uses it. */
export const character = fc
  .oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 0x7f }) }, fc.integer({ min: 0, max: 0x10ffff }))
  .map(point => String.fromCodePoint(isSurrogate(point) ? point - 0xd800 : point))
