// Real: the measurements. Fake: the sounds, which are sines and silence.
import t from 'tap'
import type { Sound } from '../../../src/lib/audio-formats/wav.js'
import { peakLevel, silenceAround, speechLevel, trim } from '../../../src/prompts/audio/shape.js'

const RATE = 16_000
const silence = (ms: number) => new Array<number>((ms * RATE) / 1000).fill(0)
/** A 400 Hz sine with this peak, in parts of full scale. */
const tone = (ms: number, peak: number) =>
  silence(ms).map((_, i) => Math.round(32767 * peak * Math.sin((2 * Math.PI * 400 * i) / RATE)))
const sound = (...parts: number[][]): Sound => ({ rate: RATE, samples: Int16Array.from(parts.flat()) })
const near = (a: number, b: number, within: number) => Math.abs(a - b) <= within

t.test('pauses do not lower the level of speech', async t => {
  // A sine of peak 0.1 has a mean square of 0.005: -23.0 dB.
  t.ok(near(speechLevel(sound(tone(1000, 0.1))), -23, 0.1))
  t.ok(near(speechLevel(sound(tone(500, 0.1), silence(1500), tone(500, 0.1))), -23, 0.1))
  t.equal(speechLevel(sound(silence(100))), -120)
  t.ok(near(peakLevel(sound(tone(100, 0.5))), -6, 0.1))
})

t.test('the silence before and after a sound is measured', async t => {
  const { leadMs, tailMs } = silenceAround(sound(silence(200), tone(300, 0.2), silence(400)))
  t.ok(near(leadMs, 200, 5) && near(tailMs, 400, 5), `${leadMs}, ${tailMs}`)
})

t.test('a trimmed sound has a short silence, whole frames and no click', async t => {
  const trimmed = trim(sound(silence(500), tone(305, 0.2), silence(700)))
  const { leadMs, tailMs } = silenceAround(trimmed)
  t.ok(leadMs <= 40 && tailMs <= 130, `${leadMs}, ${tailMs}`)
  t.equal(trimmed.samples.length % (RATE / 50), 0)
  const abrupt = trim(sound(tone(300, 0.5)))
  t.equal(abrupt.samples[0], 0)
  t.equal(abrupt.samples.at(-1), 0)
})
