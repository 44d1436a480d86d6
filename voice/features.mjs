// Turns speech into training material: each WAV, made worse in several ways, through the embedding that calls use.
// usage: node voice/features.mjs WORK LANGUAGE SHARE OF DATA…       after `npm run build` and voice/speak.py
// Takes every OF-th utterance, from number SHARE on, so that several processes share the work.
// Writes WORK/features/<language>-<share>.f32 (a row of features an utterance) and .json (what each row is).
import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addEcho,
  addNoise,
  atSpeed,
  band,
  dropPackets,
  mobile,
  speechLevel,
  throughCodec,
  toSamples,
} from '../dist/lab/audio/channel.js'
import { makeNoise, NOISES, randomFrom } from '../dist/lab/audio/noises.js'
import { heldOutSpeaker, heldOutVoice } from '../dist/lab/voice/held-out.js'
import { toTelephone } from '../dist/src/shared/audio-formats/to-telephone.js'
import { readWav } from '../dist/src/shared/audio-formats/wav.js'
import { openEmbedding } from '../dist/src/speech/embedded/embedding.js'

const [work, language, share, of, ...folders] = process.argv.slice(2)
if (folders.length === 0) throw new Error('usage: node voice/features.mjs WORK LANGUAGE SHARE OF DATA…')
const here = import.meta.dirname
const phrases = JSON.parse(readFileSync(join(here, 'phrases.json'), 'utf8'))

/** How often a phrase of each class is varied: people, many people, good synthetic voices, espeak-ng. The held-out ones are varied by condition. */
const VARIANTS = {
  people: { yes: 14, no: 10, other: 6 },
  crowd: { yes: 8, no: 5, other: 3 },
  voices: { yes: 6, no: 3, weak: 8, other: 4 },
  espeak: { yes: 1, no: 1, weak: 3, other: 1 },
}
/** The same of the English head. Many people outweigh synthetic voices, and only these say words that sound like a yes. */
const MORE_OTHER = { voices: 7, espeak: 2 }
/** How often speech of the other language is varied: people and good voices, and espeak-ng. */
const FOREIGN_VARIANTS = { good: 3, espeak: 1 }
/** Recordings in a folder from which on its people are many. */
const CROWD = 2_000
/** English words of people that no Russian takes for an answer: material for "other" in Russian. */
const SOUND_LIKE_RUSSIAN = ['down', 'dog', 'up', 'no', 'yes']
/** What the held-out utterances go through: [name, noise, dB]. */
const CONDITIONS = [
  ['clean'],
  ['mobile'],
  ['loss5'],
  ...NOISES.map(noise => [`${noise}10`, noise, 10]),
  ...['street', 'music', 'babble'].flatMap(noise => [20, 5].map(db => [`${noise}${db}`, noise, db])),
]
/** Synthetic voices, and other words, go through fewer. */
const FEWER_CONDITIONS = CONDITIONS.filter(([name]) => /^(clean|loss5|.*10)$/.test(name))

const seedOf = text => createHash('sha256').update(text).digest().readUInt32LE()

/** Noise of each kind that utterances take pieces of, samples: 60 s. */
const BANK = 480_000

/** Everything that is spoken, with its class in this language. */
function sources() {
  const list = []
  for (const spoken of ['en', 'ru']) {
    const base = join(work, 'speech', spoken)
    for (const voice of readdirSync(base).sort()) {
      for (const name of readdirSync(join(base, voice)).sort()) {
        const [kind, index] = name.split('__')
        const text = phrases[spoken][kind][Number(index)]
        const foreign = spoken !== language
        // A foreign yes or no is no answer. On a Russian line the rest of English adds nothing.
        if (foreign && language === 'ru' && (!['yes', 'no'].includes(kind) || Number(index) > 5)) continue
        list.push({
          path: join(base, voice, name),
          kind: foreign ? 'other' : kind,
          text,
          voice,
          people: false,
          foreign,
          held: heldOutVoice(language, voice),
        })
      }
    }
  }
  if (language === 'en') list.push(...noAnswers())
  for (const folder of folders) list.push(...peopleIn(join(folder, 'en')))
  return list
}

/** Words and phrases of both languages that are no answer on an English line, many of which sound like a yes. */
function noAnswers() {
  const texts = JSON.parse(readFileSync(join(here, 'no-answers.json'), 'utf8'))
  const list = []
  for (const spoken of ['en', 'ru']) {
    const base = join(work, 'speech', `no-answers-${spoken}`)
    for (const voice of readdirSync(base).sort()) {
      if (heldOutVoice('en', voice)) continue
      for (const name of readdirSync(join(base, voice)).sort()) {
        const text = texts[spoken][Number(name.split('__')[1])]
        const path = join(base, voice, name)
        list.push({ path, kind: 'other', text, voice, people: false, foreign: spoken === 'ru', held: false })
      }
    }
  }
  return list
}

/** What people say in a folder with `files.tsv`. */
function peopleIn(base) {
  const list = []
  const rows = readFileSync(join(base, 'files.tsv'), 'utf8').trim().split('\n').slice(1)
  for (const row of rows) {
    const [file, word, speaker] = row.split('\t')
    if (language !== 'en' && SOUND_LIKE_RUSSIAN.includes(word)) continue
    const kind = language === 'en' && (word === 'yes' || word === 'no') ? word : 'other'
    list.push({
      path: join(base, file),
      kind,
      text: word,
      voice: speaker,
      people: true,
      crowd: rows.length >= CROWD,
      foreign: language !== 'en',
      held: heldOutSpeaker(speaker),
    })
  }
  return list
}

/** Speech at 8 kHz, trimmed of silence that programs put around it. */
function load(path) {
  const { rate, samples } = readWav(readFileSync(path))
  const sound = toTelephone(samples, rate)
  let peak = 1
  for (const value of sound) peak = Math.max(peak, Math.abs(value))
  const loud = value => Math.abs(value) > 0.015 * peak
  const [from, to] = [sound.findIndex(loud), sound.findLastIndex(loud)]
  return sound.subarray(Math.max(0, from - 240), to + 240)
}

/** An utterance as the listener hands it over: silence, speech, silence, all of it in the same surroundings. */
function surround(sound, peak, lead, trail) {
  let top = 1
  for (const value of sound) top = Math.max(top, Math.abs(value))
  const whole = new Float64Array(lead + sound.length + trail)
  for (let i = 0; i < sound.length; i++) whole[lead + i] = (sound[i] * peak) / top
  return whole
}

function finish(whole, codec, random) {
  for (let i = 0; i < whole.length; i++) whole[i] += (random() - 0.5) * 8
  const samples = toSamples(whole)
  return codec ? throughCodec(samples, codec) : samples
}

/** A piece of noise of the bank. */
function piece(bank, name, count, random) {
  const from = Math.floor(random() * (BANK - count))
  return bank[name].subarray(from, from + count)
}

/** How often an utterance is varied. */
function variantsOf({ kind, foreign }, group) {
  if (foreign)
    return language === 'en' && group === 'espeak' ? FOREIGN_VARIANTS.espeak : FOREIGN_VARIANTS.good
  return (language === 'en' && kind === 'other' && MORE_OTHER[group]) || VARIANTS[group][kind]
}

/** One of the many ways in which a call may sound. */
function vary(sound, random, bank, people) {
  const between = (a, b) => a + (b - a) * random()
  const samples = (a, b) => Math.round(between(a, b))
  const speed = people ? between(0.88, 1.14) : between(0.82, 1.2)
  let whole = surround(
    atSpeed(sound, speed),
    32768 * 10 ** (between(-26, -1) / 20),
    samples(1200, 3200),
    samples(3000, 5000),
  )
  const level = speechLevel(whole)
  if (random() < 0.3) whole = addEcho(whole, random)
  if (random() < 0.6) band(whole, between(60, 320), between(2800, 3700))
  if (random() < 0.7)
    addNoise(
      whole,
      piece(bank, NOISES[Math.floor(random() * NOISES.length)], whole.length, random),
      between(4, 30),
      level,
    )
  if (random() < 0.2) mobile(whole, random)
  if (random() < 0.25) dropPackets(whole, between(0.01, 0.06), random)
  if (random() < 0.06) for (let i = 0; i < whole.length; i++) whole[i] *= 3
  return finish(whole, ['alaw', 'ulaw', undefined][Math.floor(random() * 3)], random)
}

/** A held-out utterance under one condition. */
function under([name, noise, db], sound, random, bank) {
  const whole = surround(sound, 32768 * 10 ** (-6 / 20), 2400, 4000)
  if (noise) addNoise(whole, piece(bank, noise, whole.length, random), db, speechLevel(whole))
  if (name === 'mobile') mobile(whole, random)
  if (name.startsWith('loss')) dropPackets(whole, Number(name.slice(4)) / 100, random)
  return finish(whole, name === 'ulaw' ? 'ulaw' : 'alaw', random)
}

const all = sources()
const embedding = await openEmbedding()
mkdirSync(join(work, 'features'), { recursive: true })
const out = createWriteStream(join(work, 'features', `${language}-${share}.f32`))
const index = []
// Babble of people who are trained on is never under those who are not, and the other way round.
const pool = held =>
  all
    .filter(source => source.people && source.held === held && source.kind === 'other')
    .map(({ path }) => load(path))
const bank = held => {
  const random = randomFrom(seedOf(`noise ${held}`))
  const voices = pool(held)
  return Object.fromEntries(NOISES.map(name => [name, makeNoise(name, BANK, random, voices)]))
}
const banks = { train: bank(false), held: bank(true) }
console.log(`${language}: ${all.length} utterances, ${all.filter(({ held }) => held).length} held out`)

for (const [i, source] of all.entries()) {
  if (i % of !== Number(share)) continue
  // Half of the other words of espeak-ng are enough: its voices are alike.
  if (source.voice.startsWith('es_') && source.kind === 'other' && i % 2) continue
  const sound = load(source.path)
  if (sound.length < 400) continue
  const random = randomFrom(seedOf(`${language} ${source.path.split('/').slice(-3).join('/')}`))
  const group = source.crowd
    ? 'crowd'
    : source.people
      ? 'people'
      : source.voice.startsWith('es_')
        ? 'espeak'
        : 'voices'
  const clips = source.held
    ? (source.people && source.kind !== 'other' ? CONDITIONS : FEWER_CONDITIONS)
        .slice(0, source.foreign || source.crowd ? 1 : undefined)
        .map(condition => [condition[0], under(condition, sound, random, banks.held)])
    : Array.from({ length: variantsOf(source, group) }, (_, k) => [
        `train${k}`,
        vary(sound, random, banks.train, source.people),
      ])
  const { kind, text, voice, people, held, foreign } = source
  for (const [condition, samples] of clips) {
    const row = await embedding.features(samples)
    out.write(Buffer.from(row.buffer, row.byteOffset, row.byteLength))
    index.push({ kind, text, voice, people, held, foreign, condition })
  }
  if (i % 1000 === 999) console.log(`${language}: ${i + 1}`)
}
await new Promise(resolve => out.end(resolve))
writeFileSync(join(work, 'features', `${language}-${share}.json`), JSON.stringify(index))
console.log(`${language}: ${index.length} rows`)
