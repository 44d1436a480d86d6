// Real: the engines. Fake: the programs of RHVoice and festival, which are shell scripts.
// Alone: it changes the environment of the process, in which the engines look for their programs.
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { listVoices, speak, speechEngines } from '../../../src/prompts/speech/engines.js'

const folder = t.testdir({ bin: {}, share: { RHVoice: { voices: { irina: {}, anna: {}, pavel: {} } } } })
const told = join(folder, 'told')
const script = (name: string, body: string) => {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(folder, 'bin', name), 0o755)
}
/** Notes its arguments, its input and its environment, and writes a sound to the file behind -o. */
const SPEAK = `{ printf '%s|' "$@"; cat; echo; env; } >'${told}'
while [ "$1" != -o ]; do shift; done; printf RIFF >"$2"`
for (const name of ['cat', 'env']) symlinkSync(`/usr/bin/${name}`, join(folder, 'bin', name))
// The machine's own voices are out of reach.
process.env['PATH'] = join(folder, 'bin')
process.env['ARI_PASSWORD'] = 'hunter2'
const engines = speechEngines(undefined, [])

t.test('only installed voices with a free licence are offered, the best first', async t => {
  t.strictSame(await listVoices(engines), [])
  script('RHVoice-test', SPEAK)
  script('text2wave', SPEAK)
  script('festival', `echo '(kal_diphone cmu_us_slt_arctic_hts msu_ru_nsh_clunits el_diphone (quit))'`)
  t.strictSame(
    (await listVoices(engines)).map(({ engine, voice, language }) => `${engine} ${voice} ${language}`),
    [
      'rhvoice anna ru',
      'rhvoice irina ru',
      'festival msu_ru_nsh_clunits ru',
      'festival kal_diphone en',
      'festival cmu_us_slt_arctic_hts en',
    ],
  )
})

t.test('a voice gets the words on its input, and none of our settings', async t => {
  const text = 'Для м+аркетинга; $(touch x) `id`'
  const { by } = await speak(engines, { text, language: 'ru' })
  t.match(by, { engine: 'rhvoice', voice: 'anna' })
  t.match(readFileSync(told, 'utf8'), /^-p\|anna\|-o\|\S+\|Для м\+аркетинга; \$\(touch x\) `id`\n/)
  t.notMatch(readFileSync(told, 'utf8'), /hunter2/)
  await speak(engines, { text, language: 'ru', engine: 'festival' })
  t.match(
    readFileSync(told, 'utf8'),
    /^-eval\|\(voice_msu_ru_nsh_clunits\)\|-o\|\S+\|Для маркетинга;/,
    'no plus',
  )
  const marked = 'Это «Ромашка» — с вами… звёздочка, № 5'
  await speak(engines, { text: marked, language: 'ru', engine: 'festival' })
  t.match(
    readFileSync(told, 'utf8').split('\n')[0],
    /\|Это "Ромашка", с вами\. звёздочка, {3}5$/,
    'festival gets no mark that would keep it from speaking',
  )
  const injected = { text, language: 'en' as const, voice: 'kal_diphone) (system "id"' }
  await t.rejects(speak(engines, injected), { code: 'request.invalid' })
})

t.test('a voice that fails or says nothing is reported', async t => {
  script('RHVoice-test', 'exit 3')
  const words = { text: 'Да.', language: 'ru' as const, engine: 'rhvoice' }
  await t.rejects(speak(engines, words), { code: 'tool.failed', message: /code 3/ })
  script('RHVoice-test', 'exit 0')
  await t.rejects(speak(engines, words), { code: 'tool.failed', message: /wrote 0 bytes/ })
})
