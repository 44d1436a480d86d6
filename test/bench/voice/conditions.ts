import {
  addNoise,
  dropPackets,
  mobile,
  speechLevel,
  throughCodec,
  toSamples,
} from '../../../lab/audio/channel.js'
import { makeNoise, type NoiseName, randomFrom } from '../../../lab/audio/noises.js'

/** What an utterance goes through before it is heard. */
export interface Condition {
  name: string
  noise?: NoiseName
  /** How far the noise is below the speech, dB. The level of the speech is that of its louder half, without pauses. */
  db?: number
  /** Share of packets that are lost. */
  loss?: number
  /** Through a mobile phone: its band, and the noise of its codec. */
  mobile?: true
  codec?: 'alaw' | 'ulaw'
}

const noisy = (noise: NoiseName, db: number): Condition => ({
  name: `${noise} ${db} dB`,
  noise,
  db,
  codec: 'alaw',
})

/** All conditions that are measured. The first has neither noise, nor loss, nor a codec. */
export const CONDITIONS: Condition[] = [
  { name: 'clean' },
  { name: 'A-law', codec: 'alaw' },
  { name: 'µ-law', codec: 'ulaw' },
  { name: 'mobile', mobile: true, codec: 'alaw' },
  { name: 'loss 2 %', loss: 0.02, codec: 'alaw' },
  { name: 'loss 5 %', loss: 0.05, codec: 'alaw' },
  ...(['street', 'music', 'babble'] as const).flatMap(noise => [20, 10, 5].map(db => noisy(noise, db))),
]

/**
 * Silence before and after the speech, samples: 2.4 and 1.5 s. The noise is in it, too. A caller is heard from the beginning of the
 * question on, so a listener knows the noise for that long before anybody answers.
 */
const [LEAD, TRAIL] = [19_200, 12_000]
/** The question ends 0.4 s before the speech, ms from the begin. As in a call, sound that ends with the question is passed over. */
export const QUESTION_END_MS = 2_000
/** The loudest sample. */
const PEAK = 16_000
/** Pieces of each noise that utterances take a part of, and samples of each: 12 of 10 s. */
const [PIECES, PIECE] = [12, 80_000]

/**
 * Puts utterances through conditions. The same number gives the same noise.
 *
 * @param voices speech that babble is mixed of, 8 kHz
 * @param music pieces of music, each of 10 s, 8 kHz
 */
export function conditioner(
  voices: readonly Int16Array[],
  music: readonly Int16Array[],
): (samples: Int16Array, condition: Condition, seed: number) => Int16Array {
  const banks = new Map<NoiseName, ArrayLike<number>[]>()
  const bank = (name: NoiseName) => {
    const make = (_: unknown, i: number) => makeNoise(name, PIECE, randomFrom(20_261 + i), voices)
    const made = banks.get(name) ?? (name === 'music' ? [...music] : Array.from({ length: PIECES }, make))
    banks.set(name, made)
    return made
  }
  return (samples, { noise, db = 0, loss = 0, mobile: narrow, codec }, seed) => {
    const random = randomFrom(seed)
    const peak = samples.reduce((top, value) => Math.max(top, Math.abs(value)), 1)
    const speech = Float64Array.from(samples, value => (value * PEAK) / peak)
    const whole = new Float64Array(LEAD + speech.length + TRAIL)
    whole.set(speech, LEAD)
    if (noise) {
      const pieces = bank(noise)
      const piece = Float64Array.from(pieces[Math.floor(random() * pieces.length)]!)
      const from = Math.floor(random() * Math.max(0, piece.length - whole.length))
      addNoise(whole, piece.subarray(from, from + whole.length), db, speechLevel(speech))
    }
    if (narrow) mobile(whole, random)
    dropPackets(whole, loss, random)
    for (let i = 0; i < whole.length; i++) whole[i]! += (random() - 0.5) * 8
    return codec ? throughCodec(toSamples(whole), codec) : toSamples(whole)
  }
}
