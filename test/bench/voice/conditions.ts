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
  /** How far the noise is below the speech, dB. */
  db?: number
  /** Share of packets that are lost. */
  loss?: number
  /** Through a mobile phone. */
  mobile?: true
  codec?: 'alaw' | 'ulaw'
}

const noisy = (noise: NoiseName, db: number): Condition => ({ name: `${noise} ${db} dB`, noise, db })

export const QUICK: Condition[] = [
  { name: 'clean' },
  { name: 'mobile', mobile: true },
  { name: 'loss 5 %', loss: 0.05 },
  noisy('street', 10),
  noisy('music', 10),
  noisy('babble', 10),
]

export const FULL: Condition[] = [
  ...QUICK,
  { name: 'u-law', codec: 'ulaw' },
  { name: 'loss 2 %', loss: 0.02 },
  noisy('white', 10),
  ...(['street', 'music', 'babble'] as const).flatMap(noise => [noisy(noise, 20), noisy(noise, 5)]),
]

/** Silence before and after the speech, samples. The noise is in it, too. */
const [LEAD, TRAIL] = [4_800, 8_000]
/** The loudest sample. */
const PEAK = 16_000
/** Noise that utterances take pieces of, samples: 60 s. */
const BANK = 480_000

/** Puts utterances through conditions. The same number gives the same noise. */
export function conditioner(
  voices: Int16Array[],
): (samples: Int16Array, condition: Condition, seed: number) => Int16Array {
  const banks = new Map<NoiseName, Float64Array>()
  const bank = (name: NoiseName) => {
    const made = banks.get(name) ?? makeNoise(name, BANK, randomFrom(20_261), voices)
    banks.set(name, made)
    return made
  }
  return (samples, { noise, db = 0, loss = 0, mobile: narrow, codec = 'alaw' }, seed) => {
    const random = randomFrom(seed)
    const peak = samples.reduce((top, value) => Math.max(top, Math.abs(value)), 1)
    const whole = new Float64Array(LEAD + samples.length + TRAIL)
    for (const [i, value] of samples.entries()) whole[LEAD + i] = (value * PEAK) / peak
    if (noise) {
      const from = Math.floor(random() * (BANK - whole.length))
      addNoise(whole, bank(noise).subarray(from, from + whole.length), db, speechLevel(whole))
    }
    if (narrow) mobile(whole, random)
    dropPackets(whole, loss, random)
    for (let i = 0; i < whole.length; i++) whole[i]! += (random() - 0.5) * 8
    return throughCodec(toSamples(whole), codec)
  }
}
