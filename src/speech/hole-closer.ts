import { levelOf } from './utterances.js'

/** The longest hole that is closed, frames: three packets of 20 ms. A longer one is a pause. */
const MOST_FRAMES = 6
/** Speech beside a hole is at most this far below the loudest frame so far, dB. */
const BELOW_LOUDEST_DB = 25
/** Quieter sound is never speech, dB of full scale. */
const LEAST_DB = -50
/** Value of each sample of exact silence in A-law. In µ-law, and for a lost packet, it is 0. */
const ALAW_SILENCE = 8

/**
 * Closes holes in words. If audio comes too late, a PBX sends a packet of exact silence and the caller's audio after
 * it, which tears a word apart. A hole lies between loud speech and has at most 60 ms; a pause of the speaker has
 * softer edges or is longer.
 */
export class HoleCloser {
  private loudest = Number.NEGATIVE_INFINITY
  /** Whether the last frame before `held` is loud. */
  private afterSpeech = false
  /** Exact silence after loud speech, held until the next audio shows whether it is a hole. */
  private held: Int16Array[] = []

  /**
   * Takes the next frame.
   *
   * @returns what can be passed on now: the frame, with the silence before it unless that is a hole; empty while
   *   silence may be a hole
   */
  take(frame: Int16Array): Int16Array[] {
    if (this.afterSpeech && isExactSilence(frame)) {
      this.held.push(frame)
      if (this.held.length <= MOST_FRAMES) return []
      this.afterSpeech = false
      return this.rest()
    }
    const before = this.rest()
    const level = levelOf(frame)
    this.loudest = Math.max(this.loudest, level)
    this.afterSpeech = level > Math.max(this.loudest - BELOW_LOUDEST_DB, LEAST_DB)
    return this.afterSpeech ? [frame] : [...before, frame]
  }

  /** @returns the silence that is still held */
  rest(): Int16Array[] {
    return this.held.splice(0)
  }
}

const isExactSilence = (frame: Int16Array): boolean =>
  (frame[0] === 0 || frame[0] === ALAW_SILENCE) && frame.every(sample => sample === frame[0])
