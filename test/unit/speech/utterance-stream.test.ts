// Real: the stream that collects an utterance, and the listener. Fake: what recognises it, which notes the audio it gets; the caller's voice is noise.
import t from 'tap'
import { gauss, randomFrom } from '../../../lab/audio/noises.js'
import { concatSamples } from '../../../lab/audio/signals.js'
import { UtteranceStream } from '../../../src/speech/embedded/embedded.js'
import { hearSound } from '../../../src/speech/listen-file.js'
import type { Recognized } from '../../../src/speech/recognizer.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { fakeRecognizer } from '../../support/fakes/fake-recognizer.js'

const WEAK: Recognized = { heard: 'weak', scores: {} }
const TERMS = { language: 'en', engine: 'embedded', threshold: 0.7 } as const
const YES: Recognized = { heard: 'yes', scores: {} }

/** @param says what comes of each utterance that is recognised, in order */
function setUp(...says: (Recognized | Error)[]) {
  const utterances: Int16Array[] = []
  let done = 0
  const stream = new UtteranceStream(
    async samples => {
      utterances.push(samples)
      const next = says.shift()!
      if (next instanceof Error) throw next
      return next
    },
    () => void done++,
  )
  return { stream, utterances, done: () => done }
}

const sound = (value: number, count: number) => new Int16Array(count).fill(value)
const settled = () => new Promise(resolve => setImmediate(resolve))

t.test('an utterance that ends with a pause is recognised once, in its first moment', async t => {
  const { stream, utterances, done } = setUp(YES)
  stream.write(sound(7, 4_000))
  stream.write(sound(0, 2_400))
  t.equal(stream.partial(true), undefined, 'it is not known yet')
  await settled()
  stream.write(sound(0, 1_600))
  t.equal(stream.partial(false), YES)
  t.equal(await stream.finish(false), YES)
  t.strictSame(
    utterances.map(one => one.length),
    [6_400],
  )
  t.equal(done(), 1)
})

t.test('when the caller goes on, the whole is recognised again', async t => {
  const { stream, utterances } = setUp(WEAK, YES)
  stream.write(sound(7, 4_000))
  stream.write(sound(0, 2_400))
  stream.partial(true)
  await settled()
  t.equal(stream.partial(false), WEAK)
  stream.write(sound(7, 80))
  stream.write(sound(0, 2_400))
  t.equal(stream.partial(true), undefined, 'what was said before counts no more')
  t.equal(await stream.finish(false), YES)
  t.strictSame(
    utterances.map(one => one.length),
    [6_400, 8_880],
  )
})

t.test('without a pause it is recognised at the end', async t => {
  const { stream, utterances } = setUp(YES)
  stream.write(sound(7, 4_000))
  t.equal(await stream.finish(true), YES)
  t.strictSame(utterances, [sound(7, 4_000)])
})

t.test('a failure in the pause is told at the end', async t => {
  const { stream, done } = setUp(new Error('no memory'))
  stream.write(sound(7, 4_000))
  stream.partial(true)
  await settled()
  t.equal(stream.partial(false), undefined)
  await t.rejects(stream.finish(false), { message: 'no memory' })
  t.equal(done(), 1)
})

t.test('what is not recognised two seconds after the end is a failure', async t => {
  const clock = new FakeClock()
  const stream = new UtteranceStream(
    () => new Promise(() => {}),
    () => {},
    clock,
  )
  stream.write(sound(7, 4_000))
  stream.partial(true)
  clock.advance(300)
  const finished = stream.finish(false)
  clock.advance(2_000)
  await t.rejects(finished, { code: 'speech.timeout' })
})

t.test('four seconds are kept, and it ends once', async t => {
  const { stream, utterances, done } = setUp(YES)
  for (let i = 0; i < 5; i++) stream.write(sound(i + 1, 7_000))
  await stream.finish(true)
  t.equal(utterances[0]!.length, 32_000)
  t.strictSame(
    [6_999, 7_000, 31_999].map(at => utterances[0]![at]),
    [1, 2, 5],
  )
  stream.cancel()
  stream.write(sound(9, 100))
  t.equal(done(), 1)
})

t.test(
  'a listener has each utterance recognised at its first pause that is no breath, and again if the caller goes on',
  async t => {
    const random = randomFrom(7)
    const hiss = (ms: number, level: number) =>
      Int16Array.from({ length: ms * 8 }, () => level * gauss(random))
    const [before, after] = [hiss(1_000, 18), hiss(1_000, 18)]
    for (const [pauses, times] of [
      [[], 1],
      [[200], 1],
      [[400], 2],
      [[400, 350, 450], 4],
    ] as const) {
      const { stream, utterances } = setUp(...Array.from({ length: times }, () => YES))
      const words = pauses.flatMap(pause => [hiss(pause, 18), hiss(300, 2_600)])
      const sound = concatSamples(before, hiss(300, 2_600), ...words, after)
      const answer = await hearSound({ ...fakeRecognizer(() => YES), open: () => stream }, TERMS, sound)
      t.equal(answer?.heard, 'yes')
      t.equal(utterances.length, times, `${times} times with pauses of ${pauses}`)
      // 300 ms before the speech, and 300 ms of the last pause.
      const spokenMs = 300 + 300 + pauses.reduce((sum, pause) => sum + pause + 300, 0) + 300
      t.ok(Math.abs(utterances.at(-1)!.length / 8 - spokenMs) <= 40, `${utterances.at(-1)!.length / 8} ms`)
    }
  },
)
