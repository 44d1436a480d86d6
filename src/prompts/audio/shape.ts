import type { Sound } from '../../lib/audio-formats/wav.js'
import { silenceAround } from './level.js'

/** Silence kept before the first sound, ms. Short for the caller, and long enough to keep the first consonant. */
const LEAD_MS = 30
/** Silence kept after the last sound, ms, in which a final consonant fades out. */
const TAIL_MS = 100
/** Length of the fade at both ends, which prevents clicks, ms. */
const FADE_MS = 10
/** Length of the frames that Asterisk reads, ms. A prompt has a whole number of them. */
const FRAME_MS = 20

/** Removes the silence around a sound, fades both ends, and fills the last 20 ms frame. */
export function trim(sound: Sound): Sound {
  const { rate } = sound
  const inSamples = (ms: number) => Math.round((ms * rate) / 1000)
  const { leadMs, tailMs } = silenceAround(sound)
  const start = inSamples(Math.max(0, leadMs - LEAD_MS))
  const end = sound.samples.length - inSamples(Math.max(0, tailMs - TAIL_MS))
  const frame = inSamples(FRAME_MS)
  const samples = new Int16Array(Math.ceil((end - start) / frame) * frame)
  samples.set(sound.samples.subarray(start, end))
  const fade = Math.min(inSamples(FADE_MS), (end - start) >> 1)
  for (let i = 0; i < fade; i++) {
    samples[i] = Math.round(samples[i]! * (i / fade))
    const last = end - start - 1 - i
    samples[last] = Math.round(samples[last]! * (i / fade))
  }
  return { rate, samples }
}
