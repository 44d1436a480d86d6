import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toSamples } from '../../../lab/audio/channel.js'
import { findProgram } from '../../../lab/tools/run-program.js'
import { heldOutSpeaker } from '../../../lab/voice/held-out.js'
import { type LabVoice, speakAll } from '../../../lab/voice/speak.js'
import { toTelephone } from '../../../src/shared/audio-formats/to-telephone.js'
import { readWav } from '../../../src/shared/audio-formats/wav.js'
import type { HeardLanguage } from '../../../src/shared/policy.js'
import { readPhrases } from '../../support/speech/sounds.js'

/** An utterance with what it is. `weak` counts with `other`: neither may be a yes. */
export interface Spoken {
  kind: string
  text: string
  who: string
  samples: Int16Array
}

const sound = async (path: string): Promise<Int16Array> => {
  const { rate, samples } = readWav(await readFile(path))
  return toSamples(toTelephone(samples, rate))
}

/** People who were not trained on, of a folder with `en/files.tsv`. @returns none if there is no such folder */
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

/** Synthetic voices that were not trained on, with all phrases, or every third of the other words. */
export async function synthetic(language: HeardLanguage, full: boolean): Promise<Spoken[]> {
  const phrases = await readPhrases()
  const list = Object.entries(phrases[language]).flatMap(([kind, texts]) =>
    texts.filter((_, i) => full || kind !== 'other' || i % 3 === 0).map(text => ({ kind, text })),
  )
  const spoken: Spoken[] = []
  for (const voice of HELD_OUT[language]) {
    const sounds = await speakAll(
      voice,
      list.map(({ text }) => text),
    )
    spoken.push(...list.map((item, i) => ({ ...item, who: voice.voice, samples: sounds[i]! })))
  }
  return language === 'ru' ? [...spoken, ...(await elena(list))] : spoken
}

/** RHVoice's elena, the only good Russian voice that was not trained on, if RHVoice is installed. */
async function elena(list: { kind: string; text: string }[]): Promise<Spoken[]> {
  const program = await findProgram('RHVoice-test', ['--version'])
  if (!program) return []
  const folder = await mkdtemp(join(tmpdir(), 'consentry-voice-'))
  try {
    const file = join(folder, 'spoken.wav')
    const spoken: Spoken[] = []
    for (const item of list) {
      const child = promisify(execFile)(program, ['-p', 'elena', '-o', file])
      child.child.stdin!.end(`${item.text}.`)
      await child
      spoken.push({ ...item, who: 'elena', samples: await sound(file) })
    }
    return spoken
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
