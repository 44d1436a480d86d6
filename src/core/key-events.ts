import type { MinHeard, Purpose } from './policy.js'

/** Data of the events about keys that do not answer a question. None of them has the key itself. */
export interface KeyEvents {
  /**
   * A key of the caller had no effect. `heardMs`: how much of the disclosure had been heard, ms, and `minHeardMs`, how much the line wants;
   * only of a key that came before that. `purpose`: the one that was asked, or would be next.
   */
  'consent.key-ignored': {
    purpose: Purpose | null
    reason: 'too-early' | 'wrong-key'
    heardMs?: number
    minHeardMs?: MinHeard
  }
}
