import { createHash } from 'node:crypto'
import type { HeardLanguage } from '../../src/core/policy.js'

// The speakers that are never trained on. The benchmark measures on them.

/** Synthetic voices that are not trained on: program, then voice, as the folders of `voice/speak.py` are named. */
const VOICES: Record<HeardLanguage, string[]> = {
  en: ['fl_rms', 'pico_en-GB', 'es_en-us_f3', 'es_en-gb-x-rp_f2', 'es_en-us_m7'],
  ru: ['rh_elena', 'es_ru_f4', 'es_ru_m6', 'es_ru_Annie'],
}

export const heldOutVoice = (language: HeardLanguage, voice: string): boolean =>
  VOICES[language].includes(voice)

/** The number by which the data set's own rule distributes names. */
const MOST_FILES = 2n ** 27n - 1n

/** Whether a speaker of Speech Commands is in its test set: 10 % of the speakers, drawn by name, are for validation and the next 10 % for the test. */
export function isOfTestSet(speaker: string): boolean {
  const hash = BigInt(`0x${createHash('sha1').update(speaker).digest('hex')}`)
  const percent = (100 * Number(hash % (MOST_FILES + 1n))) / Number(MOST_FILES)
  return percent >= 10 && percent < 20
}

/** Speakers of Speech Commands are named by eight digits. */
const isOfSpeechCommands = (speaker: string): boolean => /^[0-9a-f]{8}$/.test(speaker)

/** One speaker in three, drawn by name. Of Speech Commands, only speakers of the test set. */
export const heldOutSpeaker = (speaker: string): boolean =>
  (!isOfSpeechCommands(speaker) || isOfTestSet(speaker)) &&
  createHash('sha256').update(speaker).digest()[0]! % 3 === 0
