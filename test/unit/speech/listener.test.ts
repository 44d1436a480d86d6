// Real: the listener. Fake: the recogniser, and the caller's voice, which is noise in the shape of syllables.
import t from 'tap'
import { addNoise } from '../../../lab/audio/channel.js'
import { gauss, randomFrom } from '../../../lab/audio/noises.js'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import { AppError } from '../../../src/core/errors.js'
import type { HearingTerms, SpokenAnswer, SpokenSound } from '../../../src/core/speech.js'
import { type Listener, openListener } from '../../../src/speech/listener.js'
import type { Recognized } from '../../../src/speech/recognizer.js'
import { exactly } from '../../support/assertions/exactly.js'
import { type FakeRecognizer, fakeRecognizer } from '../../support/fakes/fake-recognizer.js'

const terms: HearingTerms = { language: 'en', engine: 'embedded', threshold: 0.7 }
const YES: Recognized = { heard: 'yes', scores: { yes: 0.9 }, needed: 0.85 }
const PACKET = 160
const MS = 8

const random = randomFrom(7)
const hiss = (ms: number, dbfs: number) => {
  const level = 32_768 * 10 ** (dbfs / 20)
  return Int16Array.from({ length: ms * MS }, () => Math.round(level * gauss(random)))
}
/** Background of a quiet line. */
const quiet = (ms: number) => hiss(ms, -65)
const voice = (ms: number) => hiss(ms, -22)

interface Heard {
  answers: SpokenAnswer[]
  /** The sound that came with each. */
  sounds: (SpokenSound | undefined)[]
  failures: AppError[]
  /** Positions of the audio at which it told that somebody speaks, ms. */
  began: number[]
  recognizer: FakeRecognizer
  listener: Listener
}

/** Plays sound to a listener in packets. The prompt ends at a moment; by default long before. */
async function hear(
  sound: Int16Array,
  {
    promptEndMs = -1_000,
    recognizer = fakeRecognizer(() => YES),
    terms: heardOn = terms,
    lose = (_packet: number): boolean => false,
  } = {},
): Promise<Heard> {
  const answers: SpokenAnswer[] = []
  const sounds: (SpokenSound | undefined)[] = []
  const failures: AppError[] = []
  const began: number[] = []
  let playedMs = 0
  const listener = openListener(recognizer, heardOn, {
    began: () => void began.push(playedMs),
    answered(answer, sound) {
      answers.push(answer)
      sounds.push(sound)
    },
    failed: error => void failures.push(error),
  })
  let ended = false
  for (let at = 0; at < sound.length; at += PACKET) {
    if (!ended && at >= promptEndMs * MS) {
      listener.promptEnded(promptEndMs * MS)
      ended = true
    }
    playedMs = (at + PACKET) / MS
    if (!lose(at / PACKET)) listener.push(sound.slice(at, at + PACKET), at)
    // The engine may answer between two packets.
    await Promise.resolve()
  }
  await new Promise(setImmediate)
  return { answers, sounds, failures, began, recognizer, listener }
}

t.test('a word after the prompt is heard with its times, half a second after its end', async t => {
  const { answers, began, recognizer } = await hear(concatSamples(quiet(1_000), voice(400), quiet(1_000)))
  t.equal(answers.length, 1)
  t.equal(began.length, 1)
  t.ok(began[0]! > 1_000 && began[0]! <= 1_120, `it told at ${began[0]} that somebody speaks`)
  const { beganMs, endedMs, decidedMs, ...rest } = answers[0]!
  t.strictSame(rest, { ...YES, engine: 'embedded', model: 'fake', terms })
  t.ok(Math.abs(beganMs - 1_000) <= 30, `began at ${beganMs}`)
  t.ok(Math.abs(endedMs - 1_400) <= 30, `ended at ${endedMs}`)
  t.ok(decidedMs - endedMs >= 500 && decidedMs - endedMs <= 540, `decided at ${decidedMs}`)
  t.ok(recognizer.finished[0]! >= (200 + 400 + 480) * MS, 'the engine got what was before, too')
})

t.test('the sound of a yes comes with it where it is kept, and of nothing else', async t => {
  const before = quiet(1_000)
  const said = voice(400)
  const played = concatSamples(before, said, quiet(1_000))
  const sounds = async (keepYes: boolean, heard: Recognized['heard']) => {
    const recognizer = fakeRecognizer(() => ({ heard, scores: {} }))
    return (await hear(played, { recognizer, terms: { ...terms, ...(keepYes && { keepYes }) } })).sounds
  }
  const [sound] = await sounds(true, 'yes')
  const from = Buffer.from(played.buffer).indexOf(
    Buffer.from(sound!.buffer, sound!.byteOffset, sound!.byteLength),
  )
  t.ok(from >= 0, 'as it was played')
  const [begin, end] = [from / 2 / MS, (from / 2 + sound!.length) / MS]
  t.ok(begin >= 650 && begin <= 800, `it begins at ${begin} ms`)
  t.ok(end >= 1_400 && end <= 1_700, `it ends at ${end} ms`)
  for (const heard of ['no', 'weak', 'unclear'] as const)
    t.strictSame(await sounds(true, heard), [undefined], heard)
  t.strictSame(await sounds(false, 'yes'), [undefined])
})

t.test('silence, quiet noise and clicks are no answer', async t => {
  const clicks = [hiss(10, -12), quiet(600), hiss(10, -12), quiet(1_500)]
  const { answers, began, recognizer } = await hear(concatSamples(silence(500), quiet(2_000), ...clicks))
  t.strictSame([answers, began, recognizer.streams.opened], [[], [], 0])
})

t.test('speech longer than an answer is unclear without an engine', async t => {
  const { answers, recognizer } = await hear(concatSamples(quiet(800), voice(2_900), quiet(1_200)))
  t.match(answers, exactly({ heard: 'unclear', reason: 'long', scores: {} }))
  t.strictSame([answers.length, recognizer.finished, recognizer.streams.open], [1, [], 0])
})

t.test('sound shorter than a word is passed over, and the word after it is heard', async t => {
  const beats = concatSamples(quiet(800), voice(60), quiet(1_000))
  const { answers, began, recognizer } = await hear(beats)
  t.strictSame([answers, began, recognizer.streams.opened], [[], [], 0], 'nothing has begun')
  const [word] = (await hear(concatSamples(beats, voice(400), quiet(1_000)))).answers
  t.ok(word!.beganMs > 1_700, `it begins at ${word!.beganMs} ms`)
})

t.test('a pause within an answer does not end it', async t => {
  const { answers } = await hear(concatSamples(quiet(800), voice(300), quiet(350), voice(300), quiet(1_000)))
  t.equal(answers.length, 1)
  t.ok(answers[0]!.endedMs - answers[0]!.beganMs > 900)
})

t.test('after a weak word the listener waits longer', async t => {
  const weak: Recognized = { heard: 'weak', scores: {} }
  const sound = concatSamples(quiet(800), voice(300), quiet(650), voice(300), quiet(1_200))
  const { answers } = await hear(sound, { recognizer: fakeRecognizer(() => YES, weak) })
  t.equal(answers.length, 1)
  t.ok(answers[0]!.endedMs - answers[0]!.beganMs > 1_200, 'both words are one answer')
  t.ok(answers[0]!.decidedMs - answers[0]!.endedMs >= 800)
  const plain = await hear(sound)
  t.ok(plain.answers[0]!.endedMs - plain.answers[0]!.beganMs < 400, 'otherwise the first is the answer')
})

t.test('tones of keys are no speech', async t => {
  const keys = concatSamples(
    quiet(800),
    tone([697, 1209], 250, -13),
    quiet(300),
    tone([941, 1336], 100, -10),
    quiet(1_000),
  )
  const { answers, recognizer } = await hear(keys)
  t.strictSame([answers, recognizer.streams.opened], [[], 0])
})

t.test('echo that ends with the prompt is nothing; what is said then is heard', async t => {
  const echo = concatSamples(quiet(300), hiss(1_600, -32))
  const { answers, recognizer } = await hear(concatSamples(echo, quiet(900), voice(400), quiet(1_000)), {
    promptEndMs: 1_800,
  })
  t.match(answers, exactly({ heard: 'yes' }))
  t.ok(Math.abs(answers[0]!.beganMs - 2_800) < 40)
  t.equal(recognizer.streams.opened, 1, 'the echo never reached an engine')
})

t.test('what is said during the prompt gets into no later word', async t => {
  const played = concatSamples(quiet(1_000), voice(600), quiet(700), voice(400), quiet(1_000))
  const keeping = { ...terms, keepYes: true as const }
  const { sounds, recognizer } = await hear(played, { promptEndMs: 1_900, terms: keeping })
  for (const { length } of [recognizer.heard[0]!, sounds[0]!]) t.ok(length <= 1_300 * MS, `${length / MS} ms`)
})

t.test('speech that began before the prompt was over is unclear, however it goes on', async t => {
  for (const from of [500, 1_400, 1_900]) {
    const { answers, began, recognizer } = await hear(
      concatSamples(quiet(from), voice(2_400 - from), quiet(1_000)),
      { promptEndMs: 1_800 },
    )
    t.match(answers, exactly({ heard: 'unclear', reason: 'prompt' }), `from ${from}`)
    t.strictSame([recognizer.finished, began], [[], []])
  }
})

t.test('somebody who talks on and on over the end of the prompt is unclear', async t => {
  const talk = concatSamples(quiet(1_000), syllables(30, -22))
  const { answers } = await hear(talk, { promptEndMs: 2_000 })
  t.match(answers, exactly({ heard: 'unclear', reason: 'prompt' }))
})

t.test('loud steady noise raises the floor, and a voice above it is heard', async t => {
  const sound = Float64Array.from(concatSamples(quiet(3_000), voice(400), quiet(1_500)))
  const noise = Float64Array.from(hiss(sound.length / MS, -35))
  addNoise(sound, noise, 13, 32_768 * 10 ** (-22 / 20))
  const { answers } = await hear(Int16Array.from(sound))
  t.match(answers, exactly({ heard: 'yes' }))
  t.ok(Math.abs(answers[0]!.beganMs - 3_000) < 60, `began at ${answers[0]!.beganMs}`)
})

/** Syllables of a voice: 120 ms of sound, 60 ms of a closed mouth. */
const syllables = (count: number, dbfs: number) =>
  concatSamples(...Array.from({ length: count }, () => [hiss(120, dbfs), hiss(60, -65)]).flat())

/** Several people who talk in the distance: syllables one over another, which never stop. */
function talkingCrowd(ms: number, dbfs: number): Int16Array {
  const sum = new Float64Array(ms * MS)
  for (let person = 0; person < 6; person++)
    for (let at = Math.floor(random() * 300) * MS; at < sum.length; ) {
      const said = syllables(1, dbfs - 3 - 6 * random())
      for (let i = 0; i < said.length && at + i < sum.length; i++) sum[at + i]! += said[i]!
      at += said.length + Math.floor(random() * 60) * MS
    }
  return Int16Array.from(sum)
}

const over = (background: Int16Array, said: Int16Array, fromMs: number) => {
  const sum = background.slice()
  for (const [i, sample] of said.entries()) sum[fromMs * MS + i]! += sample
  return sum
}

t.test('a word over people who talk in the distance ends with the word', async t => {
  for (const words of [2, 3, 5]) {
    const said = syllables(words, -22)
    const { answers } = await hear(over(talkingCrowd(6_000, -34), said, 3_000))
    t.match(answers, exactly({ heard: 'yes' }), `${words} syllables`)
    const { beganMs, endedMs } = answers[0]!
    t.ok(Math.abs(beganMs - 3_000) <= 60, `${words} syllables began at ${beganMs}`)
    t.ok(Math.abs(endedMs - 3_000 - said.length / MS + 60) <= 100, `${words} syllables ended at ${endedMs}`)
  }
})

t.test('when the echo of a prompt ends, a softer voice is heard half a second later', async t => {
  const echo = concatSamples(quiet(300), syllables(14, -26))
  const { answers } = await hear(concatSamples(echo, quiet(600), syllables(3, -30), quiet(900)), {
    promptEndMs: 300 + 14 * 180,
  })
  t.match(answers, exactly({ heard: 'yes' }))
})

t.test('who talks on in a crowd, or a crowd that begins to talk, is no answer', async t => {
  const talking = over(talkingCrowd(7_000, -34), syllables(20, -22), 2_000)
  t.match((await hear(talking)).answers, exactly({ heard: 'unclear', reason: 'long' }))
  const begins = concatSamples(quiet(2_000), talkingCrowd(4_000, -30))
  const { answers } = await hear(begins, {
    recognizer: fakeRecognizer(() => ({ heard: 'unclear', scores: {} })),
  })
  t.match(answers, exactly({ heard: 'unclear' }))
})

t.test('lost packets count as silence, repeated ones are dropped, and times stay right', async t => {
  const sound = concatSamples(quiet(1_000), voice(500), quiet(1_200))
  const { answers } = await hear(sound, { lose: packet => packet === 20 || packet === 60 })
  t.ok(Math.abs(answers[0]!.endedMs - 1_500) <= 30)
  const heard: SpokenAnswer[] = []
  const listener = openListener(
    fakeRecognizer(() => YES),
    terms,
    {
      answered: answer => void heard.push(answer),
      failed: error => t.error(error),
    },
  )
  listener.promptEnded(0)
  for (let at = 0; at < sound.length; at += PACKET) {
    listener.push(sound.slice(at, at + PACKET), at)
    listener.push(sound.slice(at, at + PACKET), at)
  }
  await new Promise(setImmediate)
  t.ok(Math.abs(heard[0]!.endedMs - 1_500) <= 30)
})

t.test('it answers once, and nothing after it was closed', async t => {
  const word = concatSamples(quiet(800), voice(400), quiet(900))
  const { answers } = await hear(concatSamples(word, word, word))
  t.equal(answers.length, 1)
  let release = (_answer: Recognized) => {}
  const slow = fakeRecognizer(() => new Promise<Recognized>(resolve => (release = resolve)))
  const heard = await hear(word, { recognizer: slow })
  heard.listener.close()
  release(YES)
  await new Promise(setImmediate)
  t.strictSame([heard.answers, heard.failures], [[], []])
})

t.test('a failing engine is told, as an AppError, and never as an answer', async t => {
  const word = concatSamples(quiet(800), voice(400), quiet(900))
  const timeout = new AppError('speech.timeout', 'too late')
  const failing = fakeRecognizer(() => Promise.reject(timeout))
  const { answers, failures } = await hear(word, { recognizer: failing })
  t.strictSame([answers, failures], [[], [timeout]])
  const busy = fakeRecognizer(() => YES)
  busy.open = () => {
    throw new Error('out of memory')
  }
  const other = await hear(word, { recognizer: busy })
  t.strictSame([other.answers, other.failures.map(({ code }) => code)], [[], ['speech.failed']])
})
