// Real: the shipped masters, ffmpeg. Fake: none.
// Alone: it takes long, and the files after it would wait.
// Long: the loudness of each prompt, and not of some.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { languages } from '../../../src/languages/languages.js'
import { lengthMs, readWav } from '../../../src/lib/audio-formats/wav.js'
import { silenceAround } from '../../../src/prompts/audio/shape.js'
import { MAX_TRUE_PEAK, measureLoudness, TARGET_LUFS } from '../../../src/prompts/intake/make-master.js'
import { readManifest, readMaster, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { renderWords } from '../../../src/prompts/words/variables.js'
import { isLong } from '../../support/fuzz/seeded.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'

const folder = shippedPromptFolder()
const prompts = await readManifest(folder)
const sounds = await Promise.all(
  prompts.map(async prompt => ({ prompt, sound: readWav(await readMaster(folder, prompt)) })),
)
const label = ({ language, name }: { language: string; name: string }) => `${language}/${name}`

t.test('each master has the hash and length in the manifest, at 16 kHz mono', async t => {
  for (const { prompt, sound } of sounds) {
    t.equal(sound.rate, 16_000, label(prompt))
    t.equal(lengthMs(sound), prompt.lengthMs, label(prompt))
  }
})

t.test('each file of a language is its description, or a master in the manifest', async t => {
  const found = languages().flatMap(language =>
    readdirSync(join(folder, language)).map(name => `${language}/${name}`),
  )
  const wanted = [
    ...languages().map(language => `${language}/language.json`),
    ...prompts.map(prompt => `${label(prompt)}.wav`),
  ]
  t.same(found.sort(), wanted.sort())
})

t.test('each prompt starts and ends without a long silence', async t => {
  for (const { prompt, sound } of sounds) {
    const { leadMs, tailMs } = silenceAround(sound)
    t.ok(leadMs <= 60 && tailMs <= 150, `${label(prompt)}: ${leadMs} ms before, ${tailMs} ms after`)
  }
})

/** The short form measures one prompt of so many. */
const ONE_OF = isLong ? 1 : 6

t.test('all prompts are equally loud, and none is near clipping', async t => {
  for (const { prompt, sound } of sounds.filter((_, i) => i % ONE_OF === 0)) {
    const { lufs, truePeak } = await measureLoudness(ffmpeg, sound)
    t.ok(Math.abs(lufs - TARGET_LUFS) <= 0.5, `${label(prompt)}: ${lufs} LUFS`)
    t.ok(truePeak <= MAX_TRUE_PEAK + 0.1, `${label(prompt)}: ${truePeak} dBTP`)
  }
})

t.test('the words with variables give the words that are spoken, and tell callers the same', async t => {
  for (const { name, language, text, template, says = {} } of prompts) {
    const values = { company: language === 'ru' ? 'Пример' : 'Example Company', days: 30 }
    // What an administrator hears who records a prompt is not said again for a line.
    if (name.startsWith('record-')) continue
    const key = language === 'ru' ? '1' : '2'
    const rendered = renderWords(template!, { ...values, yes: '1', no: '2', withdraw: '*9', key }, language)
    t.equal(rendered.text, text)
    const { mode, onWithdraw, onRefused, answer, ...told } = says
    t.strictSame(rendered.says, told, `${name} in ${language}`)
  }
})

t.test('no prompt has a gap, as a missing sound of the voice would leave', async t => {
  for (const { prompt, sound } of sounds) {
    const frame = sound.rate / 50
    let [quiet, longest] = [0, 0]
    for (let at = 0; at < sound.samples.length; at += frame) {
      const silent = sound.samples.subarray(at, at + frame).every(sample => Math.abs(sample) < 33)
      quiet = silent ? quiet + 20 : 0
      longest = Math.max(longest, quiet)
    }
    t.ok(longest <= 500, `${label(prompt)}: ${longest} ms of silence`)
  }
})
