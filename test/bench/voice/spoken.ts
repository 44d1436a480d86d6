import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toSamples } from '../../../lab/audio/channel.js'
import { findProgram } from '../../../lab/tools/run-program.js'
import { heldOutSpeaker } from '../../../lab/voice/held-out.js'
import { type LabVoice, speakAll } from '../../../lab/voice/speak.js'
import type { HeardLanguage } from '../../../src/core/policy.js'
import { toTelephone } from '../../../src/lib/audio-formats/to-telephone.js'
import { readWav } from '../../../src/lib/audio-formats/wav.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { readPhrases } from '../../support/speech/sounds.js'
import { NEAR_WORDS, UNTAUGHT_NEAR_WORDS } from './near-words.js'

/** An utterance with what it is. `weak`, `near` and `other` may not be a yes, like `no`. */
export interface Spoken {
  kind: string
  text: string
  who: string
  samples: Int16Array
}

/** Synthetic speech that was made before, in files named by voice and text. It is made again when this folder is removed. */
const CACHE = join(projectRoot(), 'var', 'bench-voice')

const sound = async (path: string): Promise<Int16Array> => {
  const { rate, samples } = readWav(await readFile(path))
  return toSamples(toTelephone(samples, rate))
}

/** People who were not trained on, of a folder with `en/files.tsv`. @returns none if there is no such folder, or nobody in it is held out */
export async function people(data: string): Promise<Spoken[]> {
  const table = join(data, 'en', 'files.tsv')
  if (!existsSync(table)) return []
  const rows = (await readFile(table, 'utf8')).trim().split('\n').slice(1)
  const spoken: Spoken[] = []
  for (const row of rows) {
    const [file = '', word = '', who = ''] = row.split('\t')
    if (!heldOutSpeaker(who)) continue
    const kind = word === 'yes' || word === 'no' ? word : 'other'
    spoken.push({ kind, text: word, who, samples: await sound(join(data, 'en', file)) })
  }
  return spoken
}

/** Voices of the lab that were not trained on. */
const HELD_OUT: Record<HeardLanguage, LabVoice[]> = {
  en: [
    { program: 'flite', voice: 'rms' },
    { program: 'espeak-ng', voice: 'en-us+f3' },
  ],
  ru: [
    { program: 'espeak-ng', voice: 'ru+f4' },
    { program: 'espeak-ng', voice: 'ru+m6' },
  ],
}

/** All phrases in synthetic voices that were not trained on. */
export async function synthetic(language: HeardLanguage): Promise<Spoken[]> {
  const phrases = Object.entries((await readPhrases())[language])
  return speakHeldOut(
    language,
    phrases.flatMap(([kind, texts]) => texts.map(text => ({ kind, text }))),
  )
}

/** Words that sound like a yes, in the same voices. @param taught whether other voices said them in the training */
export const nearWords = (language: HeardLanguage, taught: boolean): Promise<Spoken[]> =>
  speakHeldOut(
    language,
    (taught ? NEAR_WORDS : UNTAUGHT_NEAR_WORDS)[language].map(text => ({ kind: 'near', text })),
  )

/** RHVoice's elena is one of the voices if RHVoice is installed. */
async function speakHeldOut(
  language: HeardLanguage,
  list: readonly Pick<Spoken, 'kind' | 'text'>[],
): Promise<Spoken[]> {
  const spoken: Spoken[] = []
  const speak = async (who: string, make: (text: string) => Promise<Int16Array>) => {
    for (const item of list)
      spoken.push({ ...item, who, samples: await cached(`${who}\n${item.text}`, () => make(item.text)) })
  }
  for (const voice of HELD_OUT[language])
    await speak(`${voice.program} ${voice.voice}`, async text => (await speakAll(voice, [text]))[0]!)
  const rhvoice = language === 'ru' && (await findProgram('RHVoice-test', ['--version']))
  if (rhvoice) await speak('RHVoice elena', text => elena(rhvoice, text))
  return spoken
}

async function cached(key: string, make: () => Promise<Int16Array>): Promise<Int16Array> {
  const path = join(CACHE, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.s16`)
  if (existsSync(path)) {
    const bytes = await readFile(path)
    return Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i))
  }
  const samples = await make()
  await mkdir(CACHE, { recursive: true })
  await writeFile(path, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
  return samples
}

async function elena(program: string, text: string): Promise<Int16Array> {
  const folder = await mkdtemp(join(tmpdir(), 'consentry-voice-'))
  try {
    const file = join(folder, 'spoken.wav')
    const child = promisify(execFile)(program, ['-p', 'elena', '-o', file])
    child.child.stdin!.end(`${text}.`)
    await child
    return await sound(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
