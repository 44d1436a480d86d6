import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toTelephone } from '../../src/lib/audio-formats/to-telephone.js'
import { readWav } from '../../src/lib/audio-formats/wav.js'
import { toSamples } from '../audio/channel.js'
import { findVoices } from '../voices.js'

const run = promisify(execFile)

let programs: Promise<string> | undefined

/** A synthetic voice of the lab. */
export interface LabVoice {
  program: 'espeak-ng' | 'flite'
  voice: string
  /** Words a minute, of espeak-ng. */
  speed?: number
}

/** Speaks texts, 8 kHz. */
export async function speakAll(voice: LabVoice, texts: readonly string[]): Promise<Int16Array[]> {
  programs ??= findVoices({})
  const installed = await programs
  const folder = await mkdtemp(join(tmpdir(), 'consentry-speech-'))
  try {
    const file = join(folder, 'spoken.wav')
    const spoken: Int16Array[] = []
    for (const text of texts) {
      const args =
        voice.program === 'flite'
          ? ['-voice', voice.voice, '-t', text, '-o', file]
          : ['-v', voice.voice, '-s', String(voice.speed ?? 155), '-w', file, '--', text]
      await run(join(installed, voice.program), args)
      const { rate, samples } = readWav(await readFile(file))
      spoken.push(toSamples(toTelephone(samples, rate)))
    }
    return spoken
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
