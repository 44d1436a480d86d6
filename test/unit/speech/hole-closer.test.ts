// Real: what closes the holes in words, and the listener around it. Fake: the recogniser, and the caller's voice, which is noise.
import t from 'tap'
import { gauss, randomFrom } from '../../../lab/audio/noises.js'
import { concatSamples, silence } from '../../../lab/audio/signals.js'
import type { SpokenAnswer, SpokenSound } from '../../../src/core/speech.js'
import { HoleCloser, openListener } from '../../../src/speech/listener.js'
import { fakeRecognizer } from '../../support/fakes/fake-recognizer.js'

/** A frame of this amplitude; each other sample is negative. */
const frame = (amplitude: number) =>
  Int16Array.from({ length: 80 }, (_, i) => (i % 2 ? -amplitude : amplitude))
/** Exact silence as A-law has it, and µ-law. */
const [ALAW, ULAW] = [new Int16Array(80).fill(8), new Int16Array(80)]
const [LOUD, SOFT] = [frame(3_000), frame(40)]
const times = (count: number, one: Int16Array) => Array.from({ length: count }, () => one)

/** @returns what is passed on at each frame */
const closed = (frames: readonly Int16Array[]) => {
  const holes = new HoleCloser()
  return frames.map(one => holes.take(one))
}

t.test('up to three packets of exact silence within loud speech are left out', async t => {
  for (const hole of [ALAW, ULAW])
    for (const count of [1, 2, 4, 6]) {
      const passed = closed([LOUD, ...times(count, hole), LOUD, LOUD])
      t.strictSame(passed, [[LOUD], ...times(count, ULAW).map(() => []), [LOUD], [LOUD]], `${count} frames`)
    }
  const twice = [LOUD, ...times(6, ALAW), LOUD, ...times(4, ALAW), LOUD]
  t.strictSame(closed(twice).flat(), [LOUD, LOUD, LOUD], 'each hole for itself')
})

t.test('a longer silence is a pause, and is passed on whole', async t => {
  const passed = closed([LOUD, ...times(9, ALAW), LOUD])
  const pause = [...times(6, ALAW).map(() => []), times(7, ALAW), [ALAW], [ALAW]]
  t.strictSame(passed, [[LOUD], ...pause, [LOUD]])
})

t.test('silence beside soft sound is passed on: a word fades out and in', async t => {
  t.strictSame(closed([LOUD, SOFT, ALAW, LOUD]), [[LOUD], [SOFT], [ALAW], [LOUD]], 'after it')
  t.strictSame(closed([LOUD, ALAW, ALAW, SOFT]), [[LOUD], [], [], [ALAW, ALAW, SOFT]], 'before it')
  t.strictSame(closed([ULAW, LOUD]), [[ULAW], [LOUD]], 'before the first word')
  t.strictSame(closed([SOFT, ULAW, SOFT]), [[SOFT], [ULAW], [SOFT]], 'in a pause')
})

t.test('what is not exactly silent is no hole', async t => {
  for (const nearly of [frame(8), Int16Array.from(ALAW, (value, i) => (i === 79 ? 24 : value))])
    t.strictSame(closed([LOUD, nearly, LOUD]), [[LOUD], [nearly], [LOUD]])
  const level = new Int16Array(80).fill(3_000)
  t.strictSame(closed([LOUD, level, LOUD]), [[LOUD], [level], [LOUD]], 'nor is a level that stands still')
})

t.test('silence that waits for what follows can be had', async t => {
  const holes = new HoleCloser()
  for (const one of [LOUD, ALAW, ALAW]) holes.take(one)
  t.strictSame(holes.rest(), [ALAW, ALAW])
  t.strictSame(holes.rest(), [])
})

const MS = 8
const random = randomFrom(7)
const hiss = (ms: number, level: number) =>
  Int16Array.from({ length: ms * MS }, () => Math.round(level * gauss(random)))

/** Plays sound to a listener, in packets, after the prompt. */
async function hear(sound: Int16Array) {
  const recognizer = fakeRecognizer(() => ({ heard: 'yes', scores: {} }))
  const answers: SpokenAnswer[] = []
  const sounds: (SpokenSound | undefined)[] = []
  const terms = { language: 'en', engine: 'embedded', threshold: 0.7, keepYes: true } as const
  const listener = openListener(recognizer, terms, {
    answered(answer, kept) {
      answers.push(answer)
      sounds.push(kept)
    },
    failed: error => t.fail(error.message),
  })
  listener.promptEnded(-8_000)
  for (let at = 0; at < sound.length; at += 160) listener.push(sound.slice(at, at + 160), at)
  await new Promise(setImmediate)
  const { beganMs, endedMs, decidedMs } = answers[0]!
  return { heard: recognizer.heard, times: { beganMs, endedMs, decidedMs }, kept: sounds[0]! }
}

const [before, word, after] = [hiss(1_000, 18), hiss(400, 2_600), hiss(1_000, 18)]
const whole = await hear(concatSamples(before, word, after))
/** The word with a hole of silence after its first 200 ms. */
const torn = (hole: Int16Array) =>
  concatSamples(before, word.subarray(0, 200 * MS), hole, word.subarray(200 * MS), after)

t.test('the engine gets a torn word as it was said; its times, and what is kept, are as it came', async t => {
  const { beganMs, endedMs, decidedMs } = whole.times
  for (const packets of [1, 2, 3])
    for (const value of [0, 8]) {
      const sound = torn(silence(20 * packets).fill(value))
      const { heard, times, kept } = await hear(sound)
      const late = 20 * packets
      t.strictSame(heard, whole.heard, `${packets} packets of ${value}`)
      t.strictSame(times, { beganMs, endedMs: endedMs + late, decidedMs: decidedMs + late })
      t.equal(kept.length, whole.kept.length + late * MS)
      t.ok(Buffer.from(sound.buffer).includes(Buffer.from(kept.slice().buffer)), 'with the silence in it')
    }
})

t.test('a pause within an answer reaches the engine', async t => {
  const pause = silence(80)
  const { heard } = await hear(torn(pause))
  t.equal(heard[0]!.length, whole.heard[0]!.length + pause.length)
})
