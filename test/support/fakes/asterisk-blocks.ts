// Fake: blocks of audio, and what is said of their times.
import type { Moment } from '../../../src/audio/redaction.js'
import type { AudioBlock } from '../../../src/core/audio.js'

/** Blocks of one leg as Asterisk writes them: each arrives with its last sample, or a little later. */
export const BLOCK = 32_768
export const block = (sample: number, arrivedAt: number, length = BLOCK): AudioBlock => ({
  leg: 'caller',
  sample,
  arrivedAt,
  bytes: new Uint8Array(length).map((_, i) => (sample + i) % 251),
})
/** Where each piece begins and ends, samples. */
export const positions = (pieces: AudioBlock[]) =>
  pieces.map(({ sample, bytes }) => [sample, sample + bytes.length])

/** A moment that is known exactly. */
export const exact = (moment: number): Moment => ({ earliest: moment, latest: moment })
