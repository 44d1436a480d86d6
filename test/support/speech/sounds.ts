import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFfmpeg } from '../../../lab/ffmpeg.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { readWav } from '../../../src/lib/audio-formats/wav.js'
import { SpeechFinder } from '../../../src/speech/utterances.js'

const run = promisify(execFile)

/** Sounds that hold no yes, by what they are, below the folder of a tool set. */
const SETS = {
  'asterisk-core-sounds-en': ['sounds', 'usr/share/asterisk/sounds/en_US_f_Allison'],
  'asterisk-core-sounds-ru': ['sounds', 'usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU'],
  klettres: ['speechsounds', 'usr/share/klettres/ru'],
  'klettres-en': ['speechsounds', 'usr/share/klettres/en'],
  ktuberling: ['speechsounds', 'usr/share/ktuberling/sounds/ru'],
  'ktuberling-en': ['speechsounds', 'usr/share/ktuberling/sounds/en'],
  pocketsphinx: ['speechsounds', 'usr/share/pocketsphinx/test/data'],
  music: ['speechsounds', 'usr/share/asterisk/moh'],
} as const

export type SoundSet = keyof typeof SETS
export const SOUND_SETS = Object.keys(SETS) as SoundSet[]

/** Files that are a yes in some language, or digits "da" as a letter sounds: they are no negatives. */
const YES = /(^|\/)(da|yes)\.\w+$/

/** @returns paths of the sounds of a set */
export async function soundsOf(name: SoundSet): Promise<string[]> {
  const [tool, folder] = SETS[name]
  const trees = await prepareTools([tool])
  const base = join(trees[tool], folder)
  const names = (await readdir(base, { recursive: true })).sort()
  return names.filter(file => /\.(wav|ogg|raw)$/.test(file) && !YES.test(file)).map(file => join(base, file))
}

/** Decodes any sound to 8 kHz. @param seconds of it at most */
export async function decodeSound(path: string, seconds = 60): Promise<Int16Array> {
  const { stdout } = await run(
    await findFfmpeg({}),
    ['-v', 'error', ...inputOf(path), '-t', String(seconds), ...AS_SAMPLES, '-'],
    { encoding: 'buffer', maxBuffer: 64e6 },
  )
  return samplesOf(stdout)
}

const inputOf = (path: string): string[] => [
  ...(path.endsWith('.raw') ? ['-f', 's16le', '-ar', '16000', '-ac', '1'] : []),
  '-i',
  path,
]
const AS_SAMPLES = ['-ac', '1', '-ar', '8000', '-f', 's16le']

function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i)
  return samples
}

/** Files that one run of ffmpeg decodes: its start costs more than a short file. */
const AT_ONCE = 40

/** Decodes many sounds whole, to 8 kHz, in their order. A WAV file of telephones is read as it is. */
export async function* decodeSounds(
  paths: readonly string[],
): AsyncGenerator<{ path: string; samples: Int16Array }> {
  for (let first = 0; first < paths.length; first += AT_ONCE) {
    const some = paths.slice(first, first + AT_ONCE)
    const plain = await Promise.all(some.map(readTelephoneWav))
    const decoded = await decodeTogether(some.filter((_, i) => !plain[i]))
    for (const [i, path] of some.entries()) yield { path, samples: plain[i] ?? decoded.shift()! }
  }
}

async function readTelephoneWav(path: string): Promise<Int16Array | undefined> {
  if (!path.endsWith('.wav')) return undefined
  try {
    const { rate, samples } = readWav(await readFile(path))
    return rate === 8000 ? samples : undefined
  } catch {
    return undefined
  }
}

async function decodeTogether(paths: readonly string[]): Promise<Int16Array[]> {
  if (paths.length === 0) return []
  const folder = await mkdtemp(join(tmpdir(), 'consentry-sounds-'))
  try {
    const files = paths.map((_, i) => join(folder, String(i)))
    const outputs = files.flatMap((file, i) => ['-map', `${i}:a`, ...AS_SAMPLES, file])
    await run(await findFfmpeg({}), ['-v', 'error', ...paths.flatMap(inputOf), ...outputs])
    return await Promise.all(files.map(async file => samplesOf(await readFile(file))))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Longest utterance, and the pause that ends one, samples. */
const [LONGEST, PAUSE] = [20_000, 2_400]

/**
 * Cuts sound into pieces as short as answers, at its pauses: what a listener would be given if each were said alone.
 *
 * @returns pieces of 0.15 to 2.5 s
 */
export function utterancesIn(sound: Int16Array): Int16Array[] {
  // The last one ends with the sound.
  const samples = new Int16Array(sound.length + 2 * PAUSE)
  samples.set(sound)
  const finder = new SpeechFinder()
  const pieces: Int16Array[] = []
  // The finder has to know the noise before it finds speech: 600 ms.
  const offset = 4_800
  for (let i = 0; i < offset; i += 80) finder.take(new Int16Array(80))
  for (let at = 0; at + 80 <= samples.length; at += 80) {
    const speech = finder.take(samples.subarray(at, at + 80))
    if (!speech) continue
    const long = speech.end - speech.begin >= LONGEST - 800
    if (!long && at + 80 + offset - speech.end < PAUSE) continue
    const from = Math.max(0, speech.begin - offset - 800)
    if (speech.end - speech.begin >= 1_200) pieces.push(samples.slice(from, speech.end - offset + 1_200))
    finder.reset()
  }
  return pieces
}

export const readPhrases = async (): Promise<Record<'ru' | 'en', Record<string, string[]>>> =>
  JSON.parse(await readFile(join(import.meta.dirname, '../../../../voice/phrases.json'), 'utf8'))
