// Real: what listens until the question is closed. Fake: the recogniser, and the caller's voice, which is noise.
import t, { type Test } from 'tap'
import { gauss, randomFrom } from '../../../../lab/audio/noises.js'
import { concatSamples } from '../../../../lab/audio/signals.js'
import type { SpokenAnswer } from '../../../../src/core/speech.js'
import { listenOn } from '../../../../src/speech/process/listen-on.js'
import { fakeRecognizer } from '../../../support/fakes/fake-recognizer.js'

const random = randomFrom(7)
const hiss = (ms: number, level: number) =>
  Int16Array.from({ length: ms * 8 }, () => Math.round(level * gauss(random)))
const quiet = (ms: number) => hiss(ms, 18)
const voice = (ms: number) => hiss(ms, 2_600)

const YES = { heard: 'yes', scores: { yes: 0.9 } } as const

/** Plays sound to it in packets, with the end of a prompt. The engine decides at once, or at a moment. @returns what it heard */
async function hear(
  t: Test,
  sound: Int16Array,
  { promptEndMs = 600, decidesAtMs = 0 } = {},
): Promise<SpokenAnswer[]> {
  const answers: SpokenAnswer[] = []
  let decide = () => {}
  const decided = new Promise<typeof YES>(resolve => {
    decide = () => resolve(YES)
  })
  const listener = listenOn({
    recognizer: fakeRecognizer(() => decided),
    terms: { language: 'en', engine: 'embedded', threshold: 0.7 },
    onSpeaking() {},
    onAnswer: answer => void answers.push(answer),
    onFailed: reason => t.fail(reason),
  })
  for (let at = 0; at < sound.length; at += 160) {
    if (at === promptEndMs * 8) listener.promptEnded()
    if (at === decidesAtMs * 8) decide()
    listener.push(sound.subarray(at, at + 160), at)
    await new Promise(setImmediate)
  }
  listener.close()
  return answers
}

t.test('who speaks again at once after speech that settled nothing is heard', async t => {
  const inPrompt = concatSamples(quiet(600), voice(400), quiet(520))
  const [first, second, ...more] = await hear(t, concatSamples(inPrompt, voice(300), quiet(900)), {
    promptEndMs: 700,
  })
  t.match(first, { heard: 'unclear', reason: 'prompt' })
  t.match(second, { heard: 'yes' })
  t.ok(Math.abs(second!.beganMs - 1_520) <= 30, `it began at ${second?.beganMs} ms`)
  t.strictSame(more, [])
})

t.test('the rest of speech that was too long is no answer', async t => {
  const answers = await hear(t, concatSamples(quiet(1_000), voice(3_000), quiet(1_000)))
  t.strictSame(
    answers.map(({ reason }) => reason),
    ['long'],
  )
})

t.test('the rest of what began while the engine decided is no answer', async t => {
  const sound = concatSamples(quiet(1_000), voice(300), quiet(560), voice(700), quiet(1_000))
  const answers = await hear(t, sound, { decidesAtMs: 2_100 })
  t.equal(answers.length, 1)
  t.ok(Math.abs(answers[0]!.beganMs - 1_000) <= 30)
})
