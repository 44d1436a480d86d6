import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config/config.js'
import { AppError, codeOf } from '../../core/errors.js'
import { type HearingRequest, openFileHearing } from '../listen-file.js'
import { type HeardRecording, measureOf, type VoiceMeasure } from './measure.js'
import { kindOf, scriptFor } from './script.js'

/** The name of the script in the folder. */
export const SCRIPT = 'script.md'

/** A folder of recorded speakers, and the engine that hears them. */
export interface CollectRequest extends HearingRequest {
  /** The folder of all speakers; each has a folder in it. */
  dir: string
  /** Called after each recording with the number heard, and the number of all. */
  onProgress?: (done: number, all: number) => void
}

/** The findings in the folder. */
export interface Collected {
  /** Path of the script if this run wrote it; null if it existed. */
  script: string | null
  /** Null if there are no recordings yet. */
  measure: VoiceMeasure | null
  /** Files that were not measured, and why. */
  unread: { file: string; why: string }[]
}

/**
 * Writes the script for the speakers, unless the folder has one, and measures the engine on all recordings as in a call
 * after the prompt. Audio stays on this machine, unless the engine runs elsewhere.
 *
 * @throws AppError `request.invalid`, `store.unwritable` if the folder cannot be written, `speech.unavailable`,
 *   `speech.failed`
 */
export async function collectVoices(
  { hearing }: Pick<Config, 'hearing'>,
  { dir, onProgress, ...terms }: CollectRequest,
): Promise<Collected> {
  const { hear, model, close, ...checked } = await openFileHearing({ hearing }, terms)
  try {
    const script = await writeScript(dir, scriptFor(checked.language))
    const { recordings, unread } = await recordingsIn(dir)
    const heard: HeardRecording[] = []
    for (const [i, one] of recordings.entries()) {
      try {
        const { answer } = await hear(join(dir, one.file))
        const { heard: what, scores, reason } = answer ?? { heard: 'silence', scores: {} }
        heard.push({ ...one, heard: what, scores, ...(reason !== undefined && { reason }) })
      } catch (error) {
        if (codeOf(error) !== 'request.invalid') throw error
        unread.push({ file: one.file, why: (error as Error).message })
      }
      onProgress?.(i + 1, recordings.length)
    }
    return { script, unread, measure: heard.length > 0 ? measureOf(heard, { ...checked, model }) : null }
  } finally {
    await close()
  }
}

async function writeScript(dir: string, text: string): Promise<string | null> {
  const file = join(dir, SCRIPT)
  try {
    await mkdir(dir, { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
    return file
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return null
    throw new AppError('store.unwritable', `${dir} cannot be written: ${code}`, {
      cause,
    })
  }
}

/** The recordings of all speakers, in the order of their names. */
async function recordingsIn(dir: string) {
  const recordings: Pick<HeardRecording, 'file' | 'speaker' | 'kind'>[] = []
  const unread: Collected['unread'] = []
  const speakers = (await readdir(dir, { withFileTypes: true })).filter(one => one.isDirectory())
  for (const speaker of speakers.map(({ name }) => name).sort())
    for (const name of (await readdir(join(dir, speaker))).sort()) {
      const [file, kind] = [join(speaker, name), kindOf(name)]
      if (kind) recordings.push({ file, speaker, kind })
      else unread.push({ file, why: `its name is not of the form in ${SCRIPT}` })
    }
  return { recordings, unread }
}
