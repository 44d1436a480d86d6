/** A side of a conversation: what the caller says (left channel) or what the caller hears (right channel). */
export type Leg = 'caller' | 'agent'

export const LEGS = ['caller', 'agent'] as const

/** The coding of samples, all at 8 kHz. `slin` is signed 16-bit little-endian. */
export type Codec = 'alaw' | 'ulaw' | 'slin'

/** Samples a second of each leg. */
export const SAMPLE_RATE = 8000

/** Bytes of one sample. */
export const sampleBytes = (codec: Codec): 1 | 2 => (codec === 'slin' ? 2 : 1)

/** Successive samples of one leg, as they came from the tap. */
export interface AudioBlock {
  leg: Leg
  /** Position of the first sample, in samples since the tap began. */
  sample: number
  /** When the block reached the keeper, ms since the epoch. */
  arrivedAt: number
  /** A tap overwrites them once its listener's `block` has returned. */
  bytes: Uint8Array
}
