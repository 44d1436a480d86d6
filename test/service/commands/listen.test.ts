// Real: the command in a process of its own, the engines, and a synthetic voice. Fake: the models of the sherpa engine and of the Vosk server.
import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { concatSamples, silence } from '../../../lab/audio/signals.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { encodeWav } from '../../../src/lib/audio-formats/wav.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { soundOf, writeToneModel } from '../../support/data/tone-model.js'
import { consentry } from '../../support/processes/command.js'
import { scratch } from '../../support/processes/database.js'
import { startVoskServer } from '../../support/processes/vosk-server.js'

t.setTimeout(300_000)
const folder = await mkdtemp(join(tmpdir(), 'consentry-listen-'))
const root = await findSpeechModels()

const environment = (models = root) => ({
  HOME: process.env['HOME'] ?? '',
  CONSENTRY_DATA: folder,
  CONSENTRY_SPEECH_MODELS: models,
})
const listen = (args: string[], models = root, more: Record<string, string> = {}) =>
  consentry({ ...environment(models), ...more }, 'listen', ...args)

const file = async (name: string, samples: Int16Array) => {
  const path = join(folder, name)
  await writeFile(path, encodeWav({ rate: 8_000, samples }))
  return path
}

t.test('a file is heard as a call would hear it', async t => {
  const [no] = await speakAll({ program: 'flite', voice: 'rms' }, ['no no'])
  const path = await file('no.wav', concatSamples(silence(700), no!, silence(300)))
  const { code, out } = await listen([path, '--lang', 'en', '--json'])
  t.equal(code, 0)
  const { heard, answer, processorMs } = JSON.parse(out)
  t.equal(heard, 'no')
  t.strictSame([answer.heard, answer.engine, answer.terms.threshold], ['no', 'embedded', 0.7])
  t.strictSame(Object.keys(answer.scores).sort(), ['no', 'other', 'weak', 'yes'])
  t.ok(answer.beganMs >= 650 && answer.beganMs < answer.endedMs && answer.endedMs < answer.decidedMs)
  t.ok(processorMs > 0)
  const told = await listen([path, '--lang', 'en'])
  t.match(told.out, /^no\n {2}scores {3}yes 0\.\d\d/)
})

t.test('a yes is told with both scores', async t => {
  const [yes] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes please'])
  const path = await file('yes.wav', concatSamples(silence(700), yes!, silence(300)))
  const { code, out } = await listen([path, '--lang', 'en', '--json'])
  t.equal(code, 0)
  const { heard, answer } = JSON.parse(out)
  t.equal(heard, 'yes')
  t.ok(answer.scores.yes >= 0.7 && answer.scores.grammar === 1, out)
})

t.test('the other engines hear a file too', async t => {
  const server = await startVoskServer(t, { final: { text: 'yes', conf: [0.93] } })
  const model = await scratch(t)
  await writeToneModel(model)
  const sound = await file('tones.wav', concatSamples(silence(700), soundOf('нет'), silence(300)))
  for (const [engine, lang, setting, value, words] of [
    ['vosk', 'en', 'CONSENTRY_VOSK_EN', server.url, ['yes', 'yes']],
    ['sherpa', 'ru', 'CONSENTRY_SHERPA_RU', `tone-ctc:${model}`, ['no', 'нет']],
  ] as const) {
    const args = [sound, '--lang', lang, '--engine', engine, '--json']
    const { code, out, err } = await listen(args, root, { [setting]: value })
    t.equal(code, 0, err)
    const { answer } = JSON.parse(out)
    t.strictSame([answer.engine, answer.heard, answer.words], [engine, ...words])
  }
})

t.test('a file without speech is silence', async t => {
  const path = await file('silence.wav', silence(1_500))
  const program = join(projectRoot(), 'bin', 'consentry.js')
  const env = { PATH: process.env['PATH'], ...environment() }
  // By the program of a checkout, which first looks whether all sources are compiled. The other tests do without that.
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'listen', path, '--lang', 'ru'], {
    env,
  })
  t.equal(stdout, 'silence: nobody speaks, or for less than 0.08 s\n')
})

t.test('what cannot be meant is refused', async t => {
  const path = await file('silence.wav', silence(200))
  const wrong = join(folder, 'wrong.wav')
  await writeFile(wrong, 'text')
  for (const [args, code, words] of [
    [[path], 2, '--lang is needed'],
    [[path, '--lang', 'de'], 1, 'there is no language "de"'],
    [[path, '--lang', 'en', '--engine', 'ear'], 1, 'there is no engine "ear"'],
    [[path, '--lang', 'en', '--threshold', '2'], 1, 'the threshold'],
    [[wrong, '--lang', 'en'], 1, 'not a mono 16-bit WAV'],
    [[join(folder, 'none.wav'), '--lang', 'en'], 1, 'cannot be read'],
  ] as const) {
    const answer = await listen([...args])
    t.equal(answer.code, code, words)
    t.ok(answer.err.includes(words), answer.err)
  }
  const away = await listen([path, '--lang', 'en'], folder)
  t.equal(away.code, 1)
  t.match(away.err, /apt-get install libpocketsphinx3 pocketsphinx-en-us/)
})
