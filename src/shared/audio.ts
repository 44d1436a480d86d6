/** The two sides of a conversation: what the caller said (left) and what the caller heard (right). */
export type Leg = 'caller' | 'agent'

export const LEGS = ['caller', 'agent'] as const

/** How samples of a recording are coded; all at 8 kHz. `slin` is signed 16-bit little-endian. */
export type Codec = 'alaw' | 'ulaw' | 'slin'

export const SAMPLE_RATE = 8000

/** Bytes of one sample. */
export const sampleBytes = (codec: Codec): 1 | 2 => (codec === 'slin' ? 2 : 1)

/** A run of samples of one leg, as it came from the tap. */
export interface AudioBlock {
  leg: Leg
  /** Position of the first sample since the recording's tap began, in samples. */
  sample: number
  /** When the block reached the keeper, ms since the epoch. */
  arrivedAt: number
  bytes: Uint8Array
}
