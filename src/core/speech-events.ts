import type { Purpose } from './policy.js'
import type { SpeechEngine, SpokenAnswer, SpokenClass, SpokenReason } from './speech.js'

/** A spoken answer in the journal. The words are in the personal part of its event. */
export interface VoiceEvidence {
  engine: SpeechEngine
  model: string
  class: SpokenClass
  scores: Record<string, number>
  /** The least score of a yes on the line, 0 to 1. */
  threshold: number
  /** The least score of a yes for this utterance, as in a `SpokenAnswer`. */
  needed?: number
  /** Start and end of the speech, and the decision, whole ms since the hearing began. */
  beganMs: number
  endedMs: number
  decidedMs: number
  /** As in a `SpokenAnswer`. */
  reason?: SpokenReason
}

/** Returns the journal's form of a spoken answer. */
export function evidenceOf(answer: SpokenAnswer): VoiceEvidence {
  const { engine, model, heard, scores, terms, needed, reason } = answer
  return {
    ...{ engine, model, class: heard, scores: { ...scores }, threshold: terms.threshold },
    ...(needed !== undefined && { needed }),
    beganMs: Math.round(answer.beganMs),
    endedMs: Math.round(answer.endedMs),
    decidedMs: Math.round(answer.decidedMs),
    ...(reason === undefined ? {} : { reason }),
  }
}

/**
 * Why speech did not answer its question. `too-early`: it began while the question played, on a line whose prompts play
 * in full. `weak`, `unclear`: it was not a clear yes or no. `needs-key`: a yes on a line that requires a key after it.
 */
export type Unsettled = 'too-early' | 'weak' | 'unclear' | 'needs-key'

/** The public parts of the events about speech without an answer. */
export interface SpeechEvents {
  'speech.unsettled': { purpose: Purpose; why: Unsettled; voice: VoiceEvidence }
  /**
   * The caller can no longer be heard and is asked for a key. `reason`: a code. `detail`: the missing setting, as a
   * message.
   */
  'speech.lost': { purpose: Purpose; reason: string; detail?: string }
}
