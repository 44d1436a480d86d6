// Real: the functions that shape and measure sound. Fake: the sound, which is computed.
import t from 'tap'
import { toneDbfs } from '../../../lab/audio/levels.js'
import { silence, tone } from '../../../lab/audio/signals.js'
import { toTelephone } from '../../../src/lib/audio-formats/to-telephone.js'
import { findExtent } from '../../../src/speech/embedded/extent.js'
import { doubleRate } from '../../../src/speech/embedded/sphinx.js'
import { ToneDetector } from '../../../src/speech/utterances.js'

const FRAME = 80

t.test('doubling the rate keeps a tone and adds none', t => {
  for (const hz of [200, 1_000, 3_000]) {
    const doubled = Int16Array.from(doubleRate(tone([hz], 500, -10)), Math.round)
    t.equal(doubled.length, 8_000)
    // At twice the rate, a tone is at half the frequency of the same count of samples.
    t.ok(Math.abs(toneDbfs(doubled, hz / 2) + 10) < 0.5, `${hz} Hz is kept`)
    t.ok(toneDbfs(doubled, 4_000 - hz / 2) < -45, `${hz} Hz has no image`)
  }
  t.end()
})

t.test('sound of any rate becomes 8 kHz, without what a telephone does not carry', t => {
  for (const rate of [16_000, 22_050, 44_100]) {
    const at = (hz: number) =>
      Int16Array.from({ length: rate }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / rate))
    const kept = Int16Array.from(toTelephone(at(1_000), rate), Math.round)
    t.ok(Math.abs(kept.length - 8_000) <= 1)
    t.ok(
      Math.abs(
        toneDbfs(kept, 1_000) - toneDbfs(Int16Array.from(toTelephone(at(500), rate), Math.round), 500),
      ) < 0.5,
    )
    const above = Int16Array.from(toTelephone(at(5_500), rate), Math.round)
    t.ok(toneDbfs(above, 2_500) < -45, `${rate}: what is above the band does not fold into it`)
  }
  t.end()
})

t.test('the extent of speech is found between silence, and clicks are left out', t => {
  const sound = Int16Array.from([...silence(400), ...tone([300, 700], 350, -20), ...silence(500)])
  for (let i = 0; i < 20; i++) sound[800 + i] = 20_000
  const { begin, end } = findExtent(sound)
  t.ok(Math.abs(begin - 3_200) <= 2 * FRAME, `begins at ${begin}`)
  t.ok(Math.abs(end - 6_000) <= 2 * FRAME, `ends at ${end}`)
  t.strictSame(findExtent(silence(50)), { begin: 0, end: 400, floor: 1, rangeDb: 0 })
  t.end()
})

t.test('all sixteen keys are tones of keys; single tones, and other pairs, are not', t => {
  const detected = (hz: number[]) => {
    const detector = new ToneDetector()
    const sound = tone(hz, 100, -15)
    let count = 0
    for (let at = 0; at + FRAME <= sound.length; at += FRAME)
      if (detector.take(sound.subarray(at, at + FRAME))) count++
    return count
  }
  for (const low of [697, 770, 852, 941])
    for (const high of [1209, 1336, 1477, 1633]) t.ok(detected([low, high]) >= 7, `${low} + ${high}`)
  for (const hz of [[697], [1_209], [1_000], [350, 440], [697, 770]]) t.equal(detected(hz), 0, `${hz}`)
  t.end()
})
