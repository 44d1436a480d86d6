// Gathers what the nets are trained on, at 8 kHz: what voices speak, what people say, and noises.
// usage: node voice/clips.mjs WORK DATA…       after `npm run build` and voice/speak.py
// Of each folder DATA: en/files.tsv (words of known speakers), speech/*.wav (people who give no answer), noise/*.wav; each may be missing.
// Writes WORK/clips.s16 and clips.json, noises.s16 and noises.json: 16-bit samples, and where each sound is among them.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { makeNoise, randomFrom } from '../dist/lab/audio/noises.js'
import { heldOutSpeaker, heldOutVoice } from '../dist/lab/voice/held-out.js'
import { toTelephone } from '../dist/src/lib/audio-formats/to-telephone.js'
import { readWav } from '../dist/src/lib/audio-formats/wav.js'

const [work, ...folders] = process.argv.slice(2)
if (folders.length === 0) throw new Error('usage: node voice/clips.mjs WORK DATA…')
const here = import.meta.dirname
const read = name => JSON.parse(readFileSync(join(here, name), 'utf8'))

/** The loudest sample of each clip. */
const PEAK = 20_000
/** Shorter and longer speech is left out, samples: 50 ms and 4 s. */
const [SHORTEST, LONGEST] = [400, 32_000]
/** A piece of noise, samples: 20 s. Of a recording of noise, pieces begin 25 s apart. */
const [PIECE, APART] = [160_000, 200_000]
/** Pieces of each noise that is computed. */
const COMPUTED = 60
/** A recording of people who give no answer is cut into pieces of this length, samples: 2.5 s. */
const SPEECH_PIECE = 20_000

const wavs = folder =>
  (existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.wav')) : []).sort()

/** What synthetic voices speak: answers and other words, words of which many sound like a yes, and those that sound most like it. */
function* spoken(language) {
  for (const source of ['phrases', 'no-answers', 'like-yes']) {
    const texts = read(`${source}.json`)[language]
    const base = join(work, 'speech', source === 'phrases' ? language : `${source}-${language}`)
    for (const voice of texts ? readdirSync(base).sort() : [])
      for (const name of wavs(join(base, voice))) {
        const [kind, index] = name.split('__')
        const text = (Array.isArray(texts) ? texts : texts[kind])[Number(index)]
        const held = heldOutVoice('en', voice) || heldOutVoice('ru', voice)
        yield { path: join(base, voice, name), source, language, kind, text, voice, held }
      }
  }
}

/** What people say in English in a folder with `en/files.tsv`. */
function* people(base) {
  if (!existsSync(join(base, 'en', 'files.tsv'))) return
  for (const row of readFileSync(join(base, 'en', 'files.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    const [file, text, voice] = row.split('\t')
    const kind = text === 'yes' || text === 'no' ? text : 'other'
    yield {
      path: join(base, 'en', file),
      source: 'people',
      language: 'en',
      kind,
      text,
      voice,
      held: heldOutSpeaker(voice),
    }
  }
}

/** People of whom nothing is known but that they say neither yes nor no. */
function* strangers(base) {
  for (const name of wavs(join(base, 'speech')))
    yield {
      path: join(base, 'speech', name),
      source: 'speech',
      language: 'en',
      kind: 'other',
      text: name,
      voice: name,
      held: false,
    }
}

const load = path => {
  try {
    const { rate, samples } = readWav(readFileSync(path))
    return toTelephone(samples, rate)
  } catch (cause) {
    throw new Error(`${path}: ${cause.message}`, { cause })
  }
}

/** The sound without the silence that programs put around it. */
function trimmed(sound) {
  let peak = 1
  for (const value of sound) peak = Math.max(peak, Math.abs(value))
  const loud = value => Math.abs(value) > 0.015 * peak
  const [from, to] = [sound.findIndex(loud), sound.findLastIndex(loud)]
  return { cut: sound.subarray(Math.max(0, from - 240), to + 240), peak }
}

/** Writes sounds one after another, with an index of where each is. */
function writer(name) {
  const out = openSync(join(work, `${name}.s16`), 'w')
  const index = []
  let at = 0
  return {
    add(sound, gain, row) {
      const samples = Int16Array.from(sound, value =>
        Math.max(-32_768, Math.min(32_767, Math.round(value * gain))),
      )
      writeSync(out, Buffer.from(samples.buffer))
      index.push({ ...row, at, count: samples.length })
      at += samples.length
    },
    end() {
      closeSync(out)
      writeFileSync(join(work, `${name}.json`), JSON.stringify(index))
      console.log(`${name}: ${index.length}`)
    },
  }
}

const clips = writer('clips')
const sources = [
  ...spoken('en'),
  ...spoken('ru'),
  ...folders.flatMap(base => [...people(base), ...strangers(base)]),
]
for (const { path, ...row } of sources) {
  const { cut, peak } = trimmed(load(path))
  if (row.source === 'speech')
    for (let at = 0; at + SHORTEST < cut.length; at += SPEECH_PIECE)
      clips.add(cut.subarray(at, at + SPEECH_PIECE), PEAK / peak, row)
  else if (cut.length >= SHORTEST && cut.length <= LONGEST) clips.add(cut, PEAK / peak, row)
}
clips.end()

const noises = writer('noises')
const addNoise = (name, sound) => {
  let power = 1
  for (const value of sound) power += value * value
  noises.add(sound, 2_000 / Math.sqrt(power / sound.length), { name })
}
for (const name of ['street', 'music'])
  for (let i = 0; i < COMPUTED; i++) addNoise(name, makeNoise(name, PIECE, randomFrom(77_000 + i), []))
for (const base of folders)
  for (const file of wavs(join(base, 'noise'))) {
    const sound = load(join(base, 'noise', file))
    for (let at = 0; at + PIECE <= sound.length; at += APART)
      addNoise(file.startsWith('music') ? 'recorded music' : 'recorded', sound.subarray(at, at + PIECE))
  }
noises.end()
