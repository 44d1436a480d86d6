// Real: the engine with its models and pocketsphinx, the listener, and sounds of Debian's packages. Fake: nothing.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { addNoise, speechLevel, throughCodec, toSamples } from '../../../lab/audio/channel.js'
import { makeNoise, NOISES, randomFrom } from '../../../lab/audio/noises.js'
import { tone } from '../../../lab/audio/signals.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { projectRoot } from '../../../src/process/project.js'
import { toTelephone } from '../../../src/shared/audio-formats/to-telephone.js'
import { readWav } from '../../../src/shared/audio-formats/wav.js'
import { codeOf } from '../../../src/shared/errors.js'
import { LANGUAGES, type Language } from '../../../src/shared/policy.js'
import { openEmbedded } from '../../../src/speech/embedded/embedded.js'
import { hearSound } from '../../../src/speech/hear-sound.js'
import { decodeSound, readPhrases, SOUND_SETS, soundsOf, utterancesIn } from '../../support/speech/sounds.js'

/** The least score of a yes at which nothing may be taken for one. */
const THRESHOLD = 0.7
/** Utterances of each set of sounds that are heard here; `npm run bench -- voice --full` hears all. */
const SAMPLE = 24

// The engine loads, and the lab may have to speak.
t.setTimeout(300_000)

const recognizer = await openEmbedded({ root: await findSpeechModels() })
t.teardown(() => recognizer.close())

const hear = async (language: Language, samples: Int16Array) =>
  hearSound(recognizer, { language, engine: 'embedded', threshold: THRESHOLD }, samples)

/** Every n-th of a list, so that about `count` remain. */
const sample = <T>(list: readonly T[], count: number): T[] =>
  list.filter((_, i) => i % Math.max(1, Math.floor(list.length / count)) === 0)

/** Hears utterances in both languages. None may be a yes. */
async function noYes(
  test: Pick<typeof t, 'strictSame' | 'ok'>,
  utterances: Int16Array[],
  languages: readonly Language[] = LANGUAGES,
) {
  const taken: string[] = []
  for (const [i, samples] of utterances.entries())
    for (const language of languages) {
      const answer = await hear(language, samples)
      if (answer?.heard === 'yes') taken.push(`${language} ${i} ${JSON.stringify(answer.scores)}`)
    }
  test.strictSame(taken, [], `none of ${utterances.length} is a yes`)
  test.ok(utterances.length > 0)
}

for (const name of SOUND_SETS)
  t.test(`no yes in ${name}`, async test => {
    const utterances: Int16Array[] = []
    for (const path of sample(await soundsOf(name), SAMPLE))
      utterances.push(...utterancesIn(await decodeSound(path, 8)).slice(0, 3))
    await noYes(test, sample(utterances, SAMPLE))
  })

t.test('no yes in noises and tones of keys', async test => {
  const random = randomFrom(3)
  const voices = await speakAll({ program: 'flite', voice: 'kal' }, ['good morning operator'])
  const noises = NOISES.map(name => makeNoise(name, 12_000, random, voices))
  const loud = noises.map(noise => toSamples(noise.map(value => value * (2_000 / speechLevel(noise)))))
  await noYes(test, [...loud, tone([697, 1209], 400), tone([852, 1336], 200), tone([1000], 300)])
})

t.test('no yes in the shipped prompts, nor in their echo', async test => {
  for (const language of LANGUAGES) {
    const folder = join(projectRoot(), 'prompts', language)
    const names = (await readdir(folder)).filter(name => name.endsWith('.wav'))
    const pieces: Int16Array[] = []
    for (const name of names) {
      const { rate, samples } = readWav(await readFile(join(folder, name)))
      pieces.push(...utterancesIn(toSamples(toTelephone(samples, rate))))
    }
    const echoes = sample(pieces, 16).map((piece, i) => {
      const gain = 10 ** (-[0, 6, 12, 18, 24, 30][i % 6]! / 20)
      return throughCodec(toSamples(piece.map(value => value * gain)), 'alaw')
    })
    await noYes(test, echoes, [language])
  }
})

t.test('no, weak words, unclear words and negations are never a yes', async test => {
  const phrases = await readPhrases()
  const voices = {
    en: [
      { program: 'flite', voice: 'slt' },
      { program: 'flite', voice: 'rms' },
      { program: 'espeak-ng', voice: 'en-gb' },
    ],
    ru: [
      { program: 'espeak-ng', voice: 'ru' },
      { program: 'espeak-ng', voice: 'ru+f4' },
    ],
  } as const
  for (const language of LANGUAGES) {
    const { no = [], weak = [], other = [] } = phrases[language]
    const texts = [...no, ...weak, ...other.slice(0, 24)]
    for (const voice of voices[language]) await noYes(test, await speakAll(voice, texts), [language])
  }
})

t.test('a yes is heard, a no is a no, in synthetic voices', async test => {
  const heard = async (language: Language, texts: string[], voice: string) => {
    const program = language === 'en' ? 'flite' : 'espeak-ng'
    const spoken = await speakAll({ program, voice }, texts)
    return Promise.all(spoken.map(async samples => (await hear(language, samples))?.heard))
  }
  const yes = (
    await Promise.all(['slt', 'rms', 'awb'].map(v => heard('en', ['yes', 'yes, I agree'], v)))
  ).flat()
  test.ok(yes.filter(answer => answer === 'yes').length >= 4, `${yes}`)
  const no = (await Promise.all(['slt', 'rms', 'awb'].map(v => heard('en', ['no', 'no no'], v)))).flat()
  test.ok(no.filter(answer => answer === 'no').length >= 4, `${no}`)
  const net = await heard('ru', ['нет', 'не согласен', 'нет, не надо'], 'ru')
  test.ok(net.includes('no'), `${net}`)
})

t.test('an utterance takes little processor, and twenty at once are heard', async test => {
  const [spoken] = await speakAll({ program: 'flite', voice: 'slt' }, ['yes'])
  const noisy = Float64Array.from(spoken!)
  addNoise(noisy, makeNoise('white', noisy.length, randomFrom(1), []), 25, speechLevel(noisy))
  const before = process.cpuUsage()
  const answers = await Promise.all(Array.from({ length: 20 }, () => hear('en', toSamples(noisy))))
  const { user, system } = process.cpuUsage(before)
  test.equal(new Set(answers.map(answer => JSON.stringify(answer))).size, 1, 'each gets the same answer')
  test.ok((user + system) / 20_000 < 150, `${Math.round((user + system) / 20_000)} ms of processor each`)
})

t.test('without its files the engine says what to install', async test => {
  const error = await openEmbedded({ root: '/nowhere' }).catch((failure: unknown) => failure)
  test.equal(codeOf(error), 'speech.unavailable')
  test.match((error as Error).message, /libpocketsphinx3 pocketsphinx-en-us.*CONSENTRY_SPEECH_MODELS/)
})

t.test('the model is named by a hash of all its files', async test => {
  test.match(recognizer.model, /^[0-9a-f]{64}$/)
})
