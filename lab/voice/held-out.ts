import { createHash } from 'node:crypto'
import type { HeardLanguage } from '../../src/shared/policy.js'

// Who is never trained on. The benchmark measures on them.

/** Synthetic voices that are not trained on: program, then voice, as the folders of `voice/speak.py` are named. */
const VOICES: Record<HeardLanguage, string[]> = {
  en: ['fl_rms', 'pico_en-GB', 'es_en-us_f3', 'es_en-gb-x-rp_f2', 'es_en-us_m7'],
  ru: ['rh_elena', 'es_ru_f4', 'es_ru_m6', 'es_ru_Annie'],
}

export const heldOutVoice = (language: HeardLanguage, voice: string): boolean =>
  VOICES[language].includes(voice)

/** One speaker in three, drawn by name. */
export const heldOutSpeaker = (speaker: string): boolean =>
  createHash('sha256').update(speaker).digest()[0]! % 3 === 0
