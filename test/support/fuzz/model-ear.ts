// Fake: what hears callers. It decides what a sequence says that it heard.
import type { Ear, EarEvent } from '../../../src/call/ports.js'
import type { Clock } from '../../../src/core/clock.js'
import type { HearingTerms, SpokenClass } from '../../../src/core/speech.js'

/**
 * An ear for the channels of the model. Like a real one it tells nothing of what is said while a question plays.
 *
 * @param trouble what happens when it opens
 */
export function modelEar(clock: Clock, trouble: () => Promise<void>) {
  const open = new Map<
    string,
    { terms: HearingTerms; tell(event: EarEvent): void; openedAt: number; hears: boolean }
  >()
  const ear: Ear = {
    async open({ id }, terms, tell) {
      await trouble()
      const hearing = { terms, tell, openedAt: clock.elapsed(), hears: false }
      open.set(id, hearing)
      return {
        promptEnded() {
          hearing.hears = true
        },
        close() {
          if (open.get(id) === hearing) open.delete(id)
        },
      }
    },
  }
  return {
    ear,
    /** A caller says something. @returns whether the ear hears it */
    say(channel: string, heard: SpokenClass): boolean {
      const hearing = open.get(channel)
      if (!hearing?.hears) return false
      const { terms, tell, openedAt } = hearing
      const now = clock.elapsed() - openedAt
      const times = { beganMs: Math.max(0, now - 500), endedMs: now, decidedMs: now }
      tell({ event: 'speaking' })
      tell({
        event: 'spoken',
        answer: { ...{ heard, engine: terms.engine, model: 'model', terms, scores: {} }, ...times },
      })
      return true
    },
    /** The ear of a channel is lost. */
    lose(channel: string): void {
      open.get(channel)?.tell({ event: 'lost', reason: 'process-ended' })
    },
    /** Number of hearings that nobody has closed. */
    get open(): number {
      return open.size
    },
  }
}
