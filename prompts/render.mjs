#!/usr/bin/env node
// Speaks each text of texts.json with a new version, or whose NAME is given, into <language>/<name>.wav, and writes manifest.json.
// For whoever changes a text, not for set-up:
//   apt-get install ffmpeg festival festvox-us-slt-hts rhvoice rhvoice-russian    (the last two: component non-free)
//   npm run build && node prompts/render.mjs [NAME…]
// With --level, the masters that are there are brought to the loudness of all prompts again, and need no voice.
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util'
import { encodeWav, lengthMs, readWav } from '../dist/src/lib/audio-formats/wav.js'
import { silenceAround } from '../dist/src/prompts/audio/level.js'
import { trim } from '../dist/src/prompts/audio/shape.js'
import { normaliseLoudness } from '../dist/src/prompts/intake/loudness.js'
import { masterPath, parseManifest, readMaster, sha256 } from '../dist/src/prompts/manifest.js'

const here = import.meta.dirname
const run = promisify(execFile)
const ffmpeg = process.env.CONSENTRY_FFMPEG ?? 'ffmpeg'

/** A voice of festival, quickened in its model. */
const HTS =
  '(voice_cmu_us_slt_arctic_hts) (set! hts_engine_params (append hts_engine_params (list (list "-r" 1.14))))'
/**
 * The voices, of those that Debian has and that anybody may use, quickened a little because they are unhurried readers.
 * English: of slt (HTS and clustergen), rms, awb and kal, a recogniser understood slt HTS best (11 % of words wrong; the others 14 to
 * 26 %). Russian: anna of RHVoice, in Debian's non-free component because its training cannot be repeated (licence: GPL 2 or later).
 */
const voices = {
  en: file => ['text2wave', '-eval', `(begin ${HTS})`, '-o', file],
  ru: file => ['RHVoice-test', '-p', 'anna', '-r', '118', '-o', file],
}

/** After a prompt that asks to speak: a pause, then a tone. Lengths in ms, frequency in Hz, level in dBFS near that of speech. */
const TONE = { pauseMs: 200, ms: 300, hz: 1000, dbfs: -20, fadeMs: 10 }

function withTone({ rate, samples }) {
  const count = ms => Math.round((ms * rate) / 1000)
  const [begin, length, fade] = [samples.length + count(TONE.pauseMs), count(TONE.ms), count(TONE.fadeMs)]
  const all = new Int16Array(begin + length)
  all.set(samples)
  const peak = 32768 * 10 ** (TONE.dbfs / 20) * Math.SQRT2
  for (let i = 0; i < length; i++) {
    const gain = Math.min(1, i / fade, (length - 1 - i) / fade)
    all[begin + i] = Math.round(peak * gain * Math.sin((2 * Math.PI * TONE.hz * i) / rate))
  }
  return { rate, samples: all }
}

async function speak(language, words, dir, tone) {
  const [raw, wav] = [join(dir, 'raw.wav'), join(dir, 'speech.wav')]
  const [program, ...options] = voices[language](raw)
  const voice = spawn(program, options, { stdio: ['pipe', 'inherit', 'inherit'] })
  voice.stdin.end(words)
  const code = await new Promise((resolve, reject) => voice.on('close', resolve).on('error', reject))
  if (code !== 0) throw new Error(`${program} failed (${code})`)
  // Headroom first: filtering may raise peaks; the level is set afterwards.
  const filters = 'volume=-6dB,highpass=f=120,aresample=16000'
  const pcm = ['-ac', '1', '-c:a', 'pcm_s16le', '-bitexact', wav]
  await run(ffmpeg, ['-v', 'error', '-y', '-i', raw, '-af', filters, ...pcm])
  const spoken = await normaliseLoudness(ffmpeg, trim(readWav(await readFile(wav))))
  return tone ? normaliseLoudness(ffmpeg, withTone(spoken.sound)) : spoken
}

const { values: options, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { level: { type: 'boolean' } },
})
const { prompts: texts } = JSON.parse(await readFile(join(here, 'texts.json'), 'utf8'))
const before = await readFile(join(here, 'manifest.json'), 'utf8').then(JSON.parse, () => ({ prompts: [] }))
const unknown = only.filter(name => !texts[name])
if (unknown.length > 0) throw new Error(`texts.json has no prompt ${unknown.join(', ')}`)
const dir = await mkdtemp(join(tmpdir(), 'render-'))
// Prompts that texts.json does not have were recorded by a person; they stay.
const prompts = before.prompts.filter(({ name }) => !texts[name])
// Written at the end, so that a text that is too long changes nothing.
const masters = []
function finish({ name, language, ...entry }, text, { sound, lufs, truePeak }) {
  const [took, limit] = [lengthMs(sound), text.limitMs[language]]
  if (took > limit) throw new Error(`${name} in ${language} takes ${took} of ${limit} ms: shorten its text`)
  const bytes = encodeWav(sound)
  prompts.push({ name, language, ...entry, sha256: sha256(bytes), lengthMs: took })
  masters.push([masterPath(here, { name, language }), bytes])
  const { leadMs, tailMs } = silenceAround(sound)
  console.log(
    `${language} ${name.padEnd(20)} ${String(took).padStart(6)} of ${limit} ms, ` +
      `${lufs.toFixed(1)} LUFS, peak ${truePeak.toFixed(1)} dBTP, silence ${leadMs} + ${tailMs} ms`,
  )
}
for (const language of ['ru', 'en']) {
  await mkdir(join(here, language), { recursive: true })
  for (const [name, text] of Object.entries(texts)) {
    const words = text[language]
    if (!words) continue
    const { version, text: written, template, says = text.says } = words
    const entry = {
      name,
      language,
      version,
      text: written,
      ...(template && { template }),
      ...(says && { says }),
    }
    const known = before.prompts.find(prompt => prompt.name === name && prompt.language === language)
    if (known?.version > version)
      throw new Error(
        `manifest.json has version ${known.version} of ${name} in ${language}: enter its words and version into texts.json`,
      )
    if (known?.version === version && !only.includes(name)) {
      if (known.text !== written || !isDeepStrictEqual(known.says, says))
        throw new Error(`raise the version of ${name} in ${language}: its text, or what it says, has changed`)
      const master = await readMaster(here, known)
      if (!options.level) {
        prompts.push(known)
        continue
      }
      finish(entry, text, await normaliseLoudness(ffmpeg, readWav(master)))
      continue
    }
    finish(entry, text, await speak(language, words.spoken ?? written, dir, text.tone))
  }
}
await rm(dir, { recursive: true })
parseManifest({ prompts })
for (const [path, bytes] of masters) await writeFile(path, bytes)
await writeFile(join(here, 'manifest.json'), `${JSON.stringify({ prompts }, null, 2)}\n`)
