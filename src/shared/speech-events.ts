import type { Purpose } from './policy.js'
import type { SpeechEngine, SpokenAnswer, SpokenClass } from './speech.js'

/** A spoken answer as the journal has it. The words are in the personal part of its event. */
export interface VoiceEvidence {
  engine: SpeechEngine
  model: string
  class: SpokenClass
  scores: Record<string, number>
  /** The least score of a yes, 0 to 1. */
  threshold: number
  /** Begin and end of the speech, and the decision, whole ms from the beginning of the hearing. */
  beganMs: number
  endedMs: number
  decidedMs: number
  /** Why it is no yes although an engine heard one. */
  reason?: string
}

/** @returns what the journal states of a spoken answer */
export function evidenceOf(answer: SpokenAnswer): VoiceEvidence {
  const { engine, model, heard, scores, terms, reason } = answer
  return {
    ...{ engine, model, class: heard, scores: { ...scores }, threshold: terms.threshold },
    beganMs: Math.round(answer.beganMs),
    endedMs: Math.round(answer.endedMs),
    decidedMs: Math.round(answer.decidedMs),
    ...(reason === undefined ? {} : { reason }),
  }
}

/**
 * Why speech did not answer its question. `too-early`: a prompt played. `weak`, `unclear`: it was no clear yes or no. `needs-key`: a yes on
 * a line that wants a key after it.
 */
export type Unsettled = 'too-early' | 'weak' | 'unclear' | 'needs-key'

/** The public parts of the events about speech that gave no answer. */
export interface SpeechEvents {
  'speech.unsettled': { purpose: Purpose; why: Unsettled; voice: VoiceEvidence }
  /** Nothing hears the caller any more, who is asked for a key. `reason`: a code. `detail`: the setting that is missing, for people. */
  'speech.lost': { purpose: Purpose; reason: string; detail?: string }
}
