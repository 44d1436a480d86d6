import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFfmpeg } from '../../../lab/ffmpeg.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
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
  const ffmpeg = await findFfmpeg({})
  const input = path.endsWith('.raw') ? ['-f', 's16le', '-ar', '16000', '-ac', '1'] : []
  const { stdout } = await run(
    ffmpeg,
    [
      '-v',
      'error',
      ...input,
      '-i',
      path,
      '-t',
      String(seconds),
      '-ac',
      '1',
      '-ar',
      '8000',
      '-f',
      's16le',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 64e6 },
  )
  const samples = new Int16Array(stdout.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = stdout.readInt16LE(2 * i)
  return samples
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
