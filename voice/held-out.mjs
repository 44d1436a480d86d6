// Who is never trained on. The benchmark measures on them.
import { createHash } from 'node:crypto'

/** Synthetic voices that are not trained on, by language. */
const VOICES = {
  en: ['fl_rms', 'pico_en-GB', 'es_en-us_f3', 'es_en-gb-x-rp_f2', 'es_en-us_m7'],
  ru: ['rh_elena', 'es_ru_f4', 'es_ru_m6', 'es_ru_Annie'],
}

export const heldOutVoice = (language, voice) => VOICES[language].includes(voice)

/** One speaker in three, drawn by name. */
export const heldOutSpeaker = speaker => createHash('sha256').update(speaker).digest()[0] % 3 === 0
