import type { Needle } from './search-files.js'

/** How many bytes of a needle are looked up at once: a 32-bit word. */
const WORD = 4
/** Longest step from one looked up word to the next, bytes. */
const MAX_STEP = 64
/** How many bits of a word choose the bit that says whether any needle has it. */
const HASH_BITS = 16

/** A place in a needle. */
interface Place {
  needle: Needle
  /** Of the word in the needle, bytes. */
  at: number
}

/**
 * Finds many needles in one pass. Wherever a needle begins, one of its first words lies at a whole number of steps from the start of
 * what is searched. So only those places are looked at, and only where a word of a needle is, that needle is compared.
 */
export class NeedleTable {
  readonly #step: number
  readonly #byWord = new Map<number, Place[]>()
  /** Whether any needle has a word with this hash, so that the map is asked for few words. */
  readonly #hashes = new Uint8Array(1 << HASH_BITS)
  /** Needles that are shorter than two words. */
  readonly #short: readonly Needle[]

  constructor(needles: readonly Needle[]) {
    this.#short = needles.filter(({ bytes }) => bytes.length < 2 * WORD)
    const long = needles.filter(({ bytes }) => bytes.length >= 2 * WORD)
    this.#step = Math.min(MAX_STEP, ...long.map(({ bytes }) => bytes.length - WORD + 1))
    for (const needle of long) for (let at = 0; at < this.#step; at++) this.#add({ needle, at })
  }

  #add(place: Place): void {
    const word = place.needle.bytes.readUInt32LE(place.at)
    this.#hashes[hashOf(word)] = 1
    const known = this.#byWord.get(word)
    if (known) known.push(place)
    else this.#byWord.set(word, [place])
  }

  /** Adds the names of the needles that are in these bytes. */
  findIn(bytes: Buffer, names: Set<string>): void {
    for (const { name, bytes: short } of this.#short) if (bytes.includes(short)) names.add(name)
    if (this.#byWord.size === 0) return
    const [step, hashes] = [this.#step, this.#hashes]
    for (let at = 0; at + WORD <= bytes.length; at += step) {
      const word =
        (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
      if (hashes[hashOf(word)] === 0) continue
      for (const { needle, at: inNeedle } of this.#byWord.get(word) ?? []) {
        const start = at - inNeedle
        const end = start + needle.bytes.length
        if (start < 0 || end > bytes.length || names.has(needle.name)) continue
        if (needle.bytes.equals(bytes.subarray(start, end))) names.add(needle.name)
      }
    }
  }
}

/** Multiplies by 2^32 divided by the golden ratio, and takes the upper bits. */
const hashOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
