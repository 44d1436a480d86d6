// Real: PostgreSQL, the journal, ffmpeg, flite, espeak-ng, an HTTP server as a voice, the command as a process. Fake: none.
// Alone: it takes long, and the files after it would wait.

import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { codeOf } from '../../../src/core/errors.js'
import { english } from '../../../src/core/message.js'
import { lengthMs, readWav, type Sound } from '../../../src/lib/audio-formats/wav.js'
import { hearPrompt } from '../../../src/lines/prompts/hear-prompt.js'
import { addPrompt, promptVoices, sayPrompt } from '../../../src/lines/prompts/make-prompts.js'
import { saveLines } from '../../../src/lines/save-lines.js'
import { silenceAround } from '../../../src/prompts/audio/shape.js'
import { openConverter } from '../../../src/prompts/convert.js'
import { measureLoudness } from '../../../src/prompts/intake/make-master.js'
import { VARIANTS } from '../../../src/prompts/prompt-folder.js'
import { person } from '../../support/data/actors.js'
import { encode, spokenPath } from '../../support/data/hostile-sounds.js'
import { promptSetup } from '../../support/data/prompt-setup.js'
import { consentry, tester } from '../../support/processes/command.js'
import { consentryTogether } from '../../support/processes/commands-together.js'
import { ffmpeg } from '../../support/processes/ffmpeg.js'
import { useVoices } from '../../support/processes/voices.js'

await useVoices()
const { deps, server, dir } = await promptSetup(t)
const anna = person('anna')
const folder = t.testdir({})
const made: { what: string; wav: Buffer }[] = []

/** Keeps the master of a new version for the last test. */
async function keep(
  what: string,
  { name, language, version }: { name: string; language: string; version: number },
) {
  made.push({ what, wav: await hearPrompt(deps, { name, language, version, quality: 'full' }) })
}

t.test('voices of both languages speak words with the values of a line', async t => {
  const line = { ...labLines.find(one => one.language === 'ru' && one.mode === 'key')!, number: '800' }
  await saveLines(deps, anna, [line])
  const voices = await promptVoices(deps)
  t.ok(voices.some(({ engine, language }) => engine === 'flite' && language === 'en'))
  t.ok(voices.some(({ engine, language }) => engine === 'espeak-ng' && language === 'ru'))
  const template = 'Это компания «{company}». Храним {days}. Отозвать: {withdraw}.'
  const { prompt, warnings } = await sayPrompt(deps, anna, {
    ...{ name: 'own-words', language: 'ru', template, line: '800', values: { company: 'Ромашка' } },
    ...{ engine: 'espeak-ng' },
  })
  t.match(prompt, {
    ...{ version: 1, state: 'draft', engine: 'espeak-ng', voice: 'ru' },
    text: 'Это компания «Ромашка». Храним тридцать дней. Отозвать: звёздочка, девять.',
    says: { retentionDays: 30, withdraw: '*9' },
    variables: { company: 'Ромашка', yes: '1' },
  })
  t.strictSame(warnings, [])
  await keep('espeak-ng', prompt)

  const again = await sayPrompt(deps, anna, { name: 'own-words', language: 'ru', values: { days: 14 } })
  t.match(
    again.prompt,
    { version: 2, text: /четырнадцать дней/, says: { retentionDays: 14 } },
    'the rest as before',
  )
  const shipped = await sayPrompt(deps, anna, {
    ...{
      name: 'disclosure-key',
      language: 'en',
      values: { company: 'Acme', yes: '5', no: '6', days: 7, withdraw: '#' },
    },
    ...{ engine: 'flite', voice: 'slt' },
  })
  t.match(shipped.prompt, {
    version: 3,
    text: /^This is Acme\..* for seven days\. To agree, press five\. .*, press hash at any time\.$/,
    says: { mode: 'key', onRefused: 'served', yes: '5', no: '6', withdraw: '#', retentionDays: 7 },
  })
  await keep('flite', shipped.prompt)
  const refused = { name: 'own-words', language: 'ru', engine: 'flite' }
  await t.rejects(sayPrompt(deps, anna, refused), {
    code: 'request.invalid',
    // A machine may have better voices, which are named before it.
    message: /Voices for ru are: (?:[^\n]+, )?espeak-ng ru/,
  })
  await t.rejects(sayPrompt(deps, anna, { ...refused, line: '999' }), { code: 'not-found' })
  await t.rejects(sayPrompt(deps, anna, { name: 'without-words', language: 'en' }), {
    code: 'request.invalid',
  })
})

t.test('a voice over HTTP speaks, within its limits', async t => {
  const wav = readFileSync(spokenPath)
  const asked: string[] = []
  const answers: Record<string, [status: number, body: Buffer]> = {
    '/good': [200, wav],
    '/ill': [500, Buffer.from('{}')],
    '/large': [200, Buffer.alloc(10_000_001)],
    '/text': [200, Buffer.from('#EXTM3U')],
    '/moved': [302, Buffer.alloc(0)],
  }
  const voice = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    asked.push(Buffer.concat(parts).toString())
    const [status, body] = answers[request.url!]!
    response.writeHead(status, status === 302 ? { location: '/good' } : {}).end(body)
  })
  await new Promise<void>(resolve => voice.listen(0, '127.0.0.1', resolve))
  t.teardown(() => voice.close())
  const say = (path: string) => {
    const speechUrl = `http://127.0.0.1:${(voice.address() as AddressInfo).port}${path}`
    const config = { ...deps.config, speechUrl }
    const words = {
      name: 'by-http',
      language: 'en',
      template: 'Do you agree? For yes, press {yes}. For no, press {no}.',
    }
    return sayPrompt({ ...deps, config }, anna, { ...words, values: { yes: '1', no: '2' } })
  }
  const { prompt } = await say('/good')
  t.match(prompt, { engine: 'http', voice: 'default' })
  t.strictSame(JSON.parse(asked[0]!), {
    text: 'Do you agree? For yes, press one. For no, press two.',
    ...{ language: 'en', voice: 'default' },
  })
  for (const [path, code] of [
    ['/ill', 'tool.failed'],
    ['/large', 'tool.failed'],
    ['/moved', 'tool.failed'],
    ['/text', 'request.invalid'],
  ] as const)
    t.equal(await say(path).catch(codeOf), code, path)
  await keep('HTTP', prompt)
})

t.test('a recording whose length does not fit its words is taken with a warning', async t => {
  const sound = await encode(folder, 'a.mp3', '-i', spokenPath, '-af', 'volume=-12dB')
  const words = { name: 'recorded', language: 'en', how: 'upload' as const, sound }
  const long = await addPrompt(deps, anna, { ...words, template: 'Yes.' })
  t.match(long.warnings.map(english), { length: 1, 0: /does it say what is written\?/ })
  const fitting = await addPrompt(deps, anna, {
    ...words,
    template: 'Do you agree, or do you want to go on without a recording?',
  })
  t.strictSame(fitting.warnings, [])
  t.match(fitting.prompt, { version: 2, how: 'upload', engine: null })
  await keep('upload', fitting.prompt)
})

t.test('the command says, adds, publishes and hears', async t => {
  const env = { DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'data'), CONSENTRY_FFMPEG: ffmpeg }
  const run = (...args: string[]) => consentryTogether(env, 'prompt', ...args)
  const said = await consentry(
    env,
    'prompt',
    'say',
    'greeting',
    '--lang',
    'en',
    '--text',
    'This is {company}.',
    '--company',
    'Acme',
    '--json',
  )
  t.equal(said.code, 0, said.err)
  t.match(JSON.parse(said.out), { name: 'greeting', version: 1, text: 'This is Acme.', madeBy: tester })
  writeFileSync(join(folder, 'b.wav'), readFileSync(spokenPath))
  const added = await run('add', 'greeting', '--lang', 'en', '--file', join(folder, 'b.wav'))
  t.match(added, {
    code: 0,
    out: /version 2 is a draft \(3\.6 s, -19\.0 LUFS\)/,
    err: /does it say what is written/,
  })
  t.match(await run('publish', 'greeting', '--lang', 'en', '--version', '1'), {
    code: 0,
    out: /version 1 is in force/,
  })
  const heard = join(folder, 'heard.wav')
  t.match(await run('hear', 'greeting', '--lang', 'en', '--telephone', '-o', heard), { code: 0 })
  t.match(readWav(readFileSync(heard)), { rate: 8000 })
  t.match(await run('where', 'greeting', '--lang', 'en'), { code: 0, out: /No line names it/ })
  t.match(await run('withdraw', 'greeting', '--lang', 'en', '--version', '1'), { code: 0 })
  t.match(await run('list'), { code: 0, out: /greeting/ })
  t.match(await run('voices'), { code: 0, out: /flite/ })
  t.match(await run('say', 'greeting', '--lang', 'en', '--text', 'Press one.'), {
    code: 1,
    err: /write \{yes\}/,
  })
  t.match(await run('say', 'greeting'), { code: 2, err: /--lang/ })
  t.match(await run('add', 'greeting', '--lang', 'en', '--file', '/nowhere'), { code: 1, err: /no file/ })
})

/** The sound of a headerless file, decoded by ffmpeg to 16 kHz. */
async function decoded(path: string, format: string, rate: number): Promise<Sound> {
  const raw = format === 'g722' ? [] : ['-ar', String(rate), '-ac', '1']
  const to = ['-c:a', 'pcm_s16le', '-ar', '16000', '-f', 's16le', '-']
  const args = ['-v', 'error', '-f', format, ...raw, '-i', path, ...to]
  const { stdout } = await promisify(execFile)(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1 << 24 })
  const samples = new Int16Array(stdout.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = stdout.readInt16LE(i * 2)
  return { rate: 16_000, samples }
}

t.test(
  'in every codec it is as loud as the others, begins within 100 ms and ends without a click',
  async t => {
    t.equal(made.length, 4)
    const convert = await openConverter(ffmpeg)
    for (const { what, wav } of made) {
      const master = readWav(wav)
      await convert(wav, folder, 'made')
      for (const { extension, format, rate, leadMs: added } of VARIANTS) {
        const sound = await decoded(join(folder, `made.${extension}`), format, rate)
        const { lufs } = await measureLoudness(ffmpeg, sound)
        t.ok(Math.abs(lufs + 19) <= 1, `${what}, ${extension}: ${lufs} LUFS`)
        const { leadMs } = silenceAround(sound)
        t.ok(leadMs <= 100, `${what}, ${extension}: begins after ${leadMs} ms`)
        t.ok(lengthMs(sound) - lengthMs(master) <= 40 + added, `${what}, ${extension}: ${lengthMs(sound)} ms`)
        // A click is a step at the end. The last 5 ms fade to nothing.
        const end = sound.samples.slice(-80)
        t.ok(
          Math.max(...end.map(Math.abs)) < 700,
          `${what}, ${extension}: ends with ${Math.max(...end.map(Math.abs))}`,
        )
      }
    }
  },
)
