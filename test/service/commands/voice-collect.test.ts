// Real: the command in a process of its own, the engine, and a synthetic voice. Fake: the speakers, who are that voice.
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { concatSamples, silence } from '../../../lab/audio/signals.js'
import { speakAll } from '../../../lab/voice/speak.js'
import { findSpeechModels } from '../../../lab/voice/speech-models.js'
import { encodeWav } from '../../../src/lib/audio-formats/wav.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { consentry } from '../../support/processes/command.js'

t.setTimeout(300_000)
const folder = join(await mkdtemp(join(tmpdir(), 'consentry-voices-')), 'own')
const root = await findSpeechModels()
const environment = {
  HOME: process.env['HOME'] ?? '',
  CONSENTRY_DATA: folder,
  CONSENTRY_SPEECH_MODELS: root,
}
const collect = (...args: string[]) => consentry(environment, 'voice', 'collect', folder, ...args)

t.test('an empty folder gets the script, which is not written again', async t => {
  const { code, out } = await collect('--lang', 'ru', '--json')
  t.equal(code, 0)
  t.strictSame(JSON.parse(out), { script: join(folder, 'script.md'), unread: [], measure: null })
  t.match(await readFile(join(folder, 'script.md'), 'utf8'), /# Запись голосов\n(.*\n)*.*`yes-da-1\.wav`/)
  await writeFile(join(folder, 'script.md'), 'mended by hand')
  const again = await collect('--lang', 'en')
  t.strictSame(
    [again.code, again.out],
    [0, 'There are no recordings yet. The script says how to make them.\n'],
  )
  t.equal(await readFile(join(folder, 'script.md'), 'utf8'), 'mended by hand')
})

t.test('the recordings of speakers are heard as in a call, and counted', async t => {
  const [yes, no] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes', 'no no'])
  const quiet = silence(700)
  for (const speaker of ['s001', 's002']) {
    await mkdir(join(folder, speaker))
    const record = (name: string, said: Int16Array) =>
      writeFile(
        join(folder, speaker, name),
        encodeWav({ rate: 8_000, samples: concatSamples(quiet, said, quiet) }),
      )
    await record('yes-yes-1.wav', yes!)
    await record('no-no-1.wav', no!)
    await record('other-nothing-1.wav', quiet)
  }
  await writeFile(join(folder, 's002', 'notes.txt'), 'a note')
  await writeFile(join(folder, 's002', 'yes-yes-2.wav'), 'no sound')
  const { code, out } = await collect('--lang', 'en', '--json')
  t.equal(code, 0)
  const { measure, unread } = JSON.parse(out)
  t.match(measure, { language: 'en', engine: 'embedded', threshold: 0.7, speakers: 2 })
  matchEach(t, measure.kinds, [
    { kind: 'no', all: 2, no: 2 },
    { kind: 'other', all: 2, silence: 2 },
    { kind: 'yes', all: 2, yes: 2 },
  ])
  t.match(measure.missed, { some: 0, all: 2 })
  t.match(measure.falseYes, { some: 0, all: 4, percent: 0, atMost: 52.7 })
  t.strictSame(
    unread.map(({ file }: { file: string }) => file),
    ['s002/notes.txt', 's002/yes-yes-2.wav'],
  )
  const told = await collect('--lang', 'en')
  t.match(told.out, /^2 speakers, en, embedded/)
  t.match(told.out, /False yes: 0 of 4, 0 %, at most 52\.7 % with 95 % certainty/)
  t.strictSame((await readdir(folder)).sort(), ['s001', 's002', 'script.md'], 'nothing else is written')
})

t.test('a false yes makes the command fail, and is named', async t => {
  const [yes] = await speakAll({ program: 'flite', voice: 'rms' }, ['yes'])
  const samples = concatSamples(silence(700), yes!, silence(700))
  await writeFile(join(folder, 's001', 'no-odd-1.wav'), encodeWav({ rate: 8_000, samples }))
  const { code, out } = await collect('--lang', 'en')
  t.equal(code, 1)
  t.match(out, /s001\/no-odd-1\.wav: yes yes [01]\.\d\d/)
})
