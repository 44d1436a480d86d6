import { SAMPLE_RATE } from '../../src/core/audio.js'

/** A number from 0 to below 1. */
export type Random = () => number

/** The noises around callers. */
export const NOISES = ['white', 'street', 'music', 'babble'] as const
export type NoiseName = (typeof NOISES)[number]

/** A reproducible source of numbers (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A normal deviate, accurate enough for noise. */
export const gauss = (random: Random): number =>
  (random() + random() + random() + random() + random() + random() - 3) * Math.SQRT2

/**
 * Makes noise of an arbitrary level.
 *
 * @param voices speech from which babble is mixed, 8 kHz
 */
export function makeNoise(
  name: NoiseName,
  count: number,
  random: Random,
  voices: readonly ArrayLike<number>[],
): Float64Array {
  if (name === 'white') return Float64Array.from({ length: count }, () => gauss(random))
  if (name === 'street') return street(count, random)
  return name === 'music' ? music(count, random) : babble(count, random, voices)
}

/** A rumble that rises and falls as cars pass, their hiss, and now and then a horn. */
function street(count: number, random: Random): Float64Array {
  const sound = new Float64Array(count)
  const slowness = SAMPLE_RATE * (0.5 + 2 * random())
  const [phase, hiss, hum] = [2 * Math.PI * random(), 0.1 + 0.5 * random(), 60 + 80 * random()]
  let [low, lower] = [0, 0]
  for (let i = 0; i < count; i++) {
    const fresh = gauss(random)
    low += 0.1 * (fresh - low)
    lower += 0.01 * (low - lower)
    const passing = 0.35 + 0.65 * (0.5 + 0.5 * Math.sin(phase + (2 * Math.PI * i) / slowness)) ** 2
    const engine = 0.08 * Math.sin((2 * Math.PI * hum * i) / SAMPLE_RATE + 2 * Math.sin(i / 900))
    sound[i] = passing * (1.2 * (low - lower) + engine) + 0.12 * hiss * fresh
  }
  if (random() < 0.4) horn(sound, random)
  return sound
}

function horn(sound: Float64Array, random: Random): void {
  const [from, length] = [Math.floor(random() * sound.length), SAMPLE_RATE * (0.15 + 0.4 * random())]
  const hz = 350 + 150 * random()
  for (let i = from; i < Math.min(sound.length, from + length); i++) {
    const turn = (2 * Math.PI * hz * i) / SAMPLE_RATE
    sound[i]! += 0.12 * (Math.sin(turn) + Math.sin(1.26 * turn) + 0.5 * Math.sin(2 * turn))
  }
}

/** Chords of a few instruments over a beat. */
function music(count: number, random: Random): Float64Array {
  const sound = new Float64Array(count)
  const beat = Math.round(SAMPLE_RATE * (0.2 + 0.35 * random()))
  const [root, drums] = [90 + 130 * random(), 0.2 + random()]
  for (let from = -Math.floor(random() * beat); from < count; from += beat) {
    const notes = 1 + Math.floor(random() * 3)
    for (let n = 0; n < notes; n++) {
      const scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 19, 24]
      note(
        sound,
        from,
        beat * (0.8 + 2 * random()),
        root * 2 ** (scale[Math.floor(random() * scale.length)]! / 12),
        random,
      )
    }
    const fade = SAMPLE_RATE * 0.04
    for (let i = Math.max(0, from); i < Math.min(count, from + 4 * fade); i++)
      sound[i]! += drums * gauss(random) * Math.exp(-(i - from) / fade)
  }
  return sound
}

function note(sound: Float64Array, from: number, length: number, hz: number, random: Random): void {
  const overtones = Array.from({ length: 6 }, (_, k) => (0.3 + random()) / (k + 1))
  const attack = SAMPLE_RATE * (0.005 + 0.05 * random())
  for (let i = Math.max(0, from); i < Math.min(sound.length, from + length); i++) {
    const level = Math.min(1, (i - from) / attack) * Math.exp((-2 * (i - from)) / length)
    let sum = 0
    for (let k = 0; k < overtones.length; k++)
      sum += overtones[k]! * Math.sin((2 * Math.PI * hz * (k + 1) * i) / SAMPLE_RATE)
    sound[i]! += 0.5 * level * sum
  }
}

/** Several people who talk at the same time. */
function babble(count: number, random: Random, voices: readonly ArrayLike<number>[]): Float64Array {
  const sound = new Float64Array(count)
  const people = 5 + Math.floor(4 * random())
  for (let p = 0; p < people; p++) {
    let at = -Math.floor(random() * SAMPLE_RATE)
    while (at < count) {
      const voice = voices[Math.floor(random() * voices.length)]!
      let power = 1
      for (let i = 0; i < voice.length; i++) power += voice[i]! * voice[i]!
      const gain = (0.5 + random()) / Math.sqrt(power / voice.length)
      for (let i = Math.max(0, -at); i < voice.length && at + i < count; i++)
        sound[at + i]! += gain * voice[i]!
      at += voice.length + Math.floor(random() * 0.15 * SAMPLE_RATE)
    }
  }
  return sound
}
