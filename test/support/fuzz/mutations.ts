import fc from 'fast-check'
import { position } from './position.js'

/** One change of some bytes. Positions are fractions of the length, so that it fits any length. */
export type Mutation =
  | { change: 'flip'; at: number; bit: number }
  | { change: 'cut'; at: number }
  | { change: 'remove' | 'repeat'; at: number; length: number }
  | { change: 'insert'; at: number; bytes: string }
  | { change: 'move'; at: number; to: number; length: number }

const at = position
const length = fc.integer({ min: 1, max: 64 })

/** Texts that may break a parser at any position. */
const pieces = fc.oneof(
  fc.constantFrom(
    '\0',
    '\n',
    '\n\n',
    '\r',
    '"',
    '{',
    ']',
    '\u2014 ',
    '\xff\xfe',
    '\ud83d',
    '1e999',
    '9'.repeat(40),
  ),
  fc.constantFrom('[', '{"a":').map(open => open.repeat(20_000)),
  fc.string({ maxLength: 8 }),
)

/** One to four changes. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    fc.record({ change: fc.constant('flip' as const), at, bit: fc.nat(7) }),
    fc.record({ change: fc.constant('cut' as const), at }),
    fc.record({ change: fc.constantFrom('remove' as const, 'repeat' as const), at, length }),
    fc.record({ change: fc.constant('insert' as const), at, bytes: pieces }),
    fc.record({ change: fc.constant('move' as const), at, to: at, length }),
  ),
  { minLength: 1, maxLength: 4 },
)

const insert = (bytes: Buffer, at: number, piece: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
const remove = (bytes: Buffer, at: number, length: number) =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])

function applyMutation(bytes: Buffer, mutation: Mutation): Buffer {
  const place = (part: number) => Math.floor(part * bytes.length)
  const from = place(mutation.at)
  switch (mutation.change) {
    case 'flip': {
      const flipped = Buffer.from(bytes)
      if (flipped.length > 0) flipped[from]! ^= 1 << mutation.bit
      return flipped
    }
    case 'cut':
      return bytes.subarray(0, from)
    case 'remove':
      return remove(bytes, from, mutation.length)
    case 'repeat':
      return insert(bytes, from, bytes.subarray(from, from + mutation.length))
    case 'insert':
      return insert(bytes, from, Buffer.from(mutation.bytes))
    case 'move': {
      const piece = Buffer.from(bytes.subarray(from, from + mutation.length))
      return insert(remove(bytes, from, mutation.length), place(mutation.to), piece)
    }
  }
}

/** @returns the changed bytes */
export const mutate = (bytes: Buffer, all: readonly Mutation[]): Buffer => all.reduce(applyMutation, bytes)

/** @returns a JSON document with one value replaced. @param at which one, as a fraction of all */
export function replaceInJson(document: unknown, at: number, by: unknown): string {
  const places: [Record<string, unknown>, string][] = []
  const copy: unknown = structuredClone(document)
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const name of Object.keys(value)) {
      places.push([value as Record<string, unknown>, name])
      walk((value as Record<string, unknown>)[name])
    }
  }
  walk(copy)
  const [holder, name] = places[Math.floor(at * places.length)]!
  holder[name] = by
  return JSON.stringify(copy)
}
