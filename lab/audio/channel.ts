import { SAMPLE_RATE } from '../../src/core/audio.js'
import { decodeG711, encodeG711, type G711 } from './g711.js'
import { gauss, type Random } from './noises.js'

/** Samples of a packet: 20 ms at 8 kHz. */
const PACKET = 160

/** Root mean square of the louder half of 10 ms frames: the level of speech without its pauses. */
export function speechLevel(samples: ArrayLike<number>): number {
  const powers: number[] = []
  for (let at = 0; at + 80 <= samples.length; at += 80) {
    let sum = 0
    for (let i = at; i < at + 80; i++) sum += samples[i]! ** 2
    powers.push(sum / 80)
  }
  const loud = powers.sort((a, b) => b - a).slice(0, Math.max(1, powers.length >> 1))
  return Math.sqrt(loud.reduce((sum, power) => sum + power, 0) / loud.length)
}

/**
 * Adds noise to a sound.
 *
 * @param noise at least as long as the sound, of any level
 * @param db its distance below the speech
 * @param level of the speech, from `speechLevel`
 */
export function addNoise(sound: Float64Array, noise: Float64Array, db: number, level: number): void {
  let power = 1e-9
  for (let i = 0; i < sound.length; i++) power += noise[i]! ** 2
  const gain = (level * 10 ** (-db / 20)) / Math.sqrt(power / sound.length)
  for (let i = 0; i < sound.length; i++) sound[i]! += gain * noise[i]!
}

/** Drops packets at random. Half of them become silence; the others repeat the previous packet, as phones do. */
export function dropPackets(sound: Float64Array, share: number, random: Random): void {
  for (let at = PACKET; at + PACKET <= sound.length; at += PACKET) {
    if (random() >= share) continue
    const repeated = random() < 0.5
    for (let i = at; i < at + PACKET; i++) sound[i] = repeated ? 0.7 * sound[i - PACKET]! : 0
  }
}

/** Keeps the band between two frequencies: two first-order stages on each side, as a handset does. */
export function band(sound: Float64Array, fromHz: number, toHz: number): void {
  const high = Math.exp((-2 * Math.PI * fromHz) / SAMPLE_RATE)
  const low = 1 - Math.exp((-2 * Math.PI * toHz) / SAMPLE_RATE)
  for (let stage = 0; stage < 2; stage++) {
    let [before, through, smooth] = [0, 0, 0]
    for (let i = 0; i < sound.length; i++) {
      through = high * (through + sound[i]! - before)
      before = sound[i]!
      smooth += low * (through - smooth)
      sound[i] = toHz >= 3900 ? through : smooth
    }
  }
}

/** Simulates a mobile phone: its narrow band, and the coarse steps of a codec with few bits. */
export function mobile(sound: Float64Array, random: Random): void {
  band(sound, 250, 2900)
  let level = 1
  for (let i = 0; i < sound.length; i++) {
    level = Math.max(Math.abs(sound[i]!), level * 0.995)
    sound[i]! += level * 0.06 * gauss(random)
  }
}

/** Encodes and decodes audio with a codec. */
export function throughCodec(samples: Int16Array, codec: G711): Int16Array {
  return decodeG711(encodeG711(samples, codec), codec)
}

export const toSamples = (sound: ArrayLike<number>): Int16Array =>
  Int16Array.from(sound, value => Math.max(-32_768, Math.min(32_767, Math.round(value))))
