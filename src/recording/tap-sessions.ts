import type { CallId, PartId } from '../shared/ids.js'
import type { TapSession } from './tap-session.js'

/**
 * The taps that run. A call has one; it gets another one only if, sent on to another line, it agrees to a further
 * purpose: then that purpose is recorded from that moment on, and not a sample from before it.
 */
export class TapSessions {
  readonly #all = new Set<TapSession>()

  add(session: TapSession): void {
    this.#all.add(session)
  }

  get all(): readonly TapSession[] {
    return [...this.#all]
  }

  /** Those of one call. */
  ofCall(call: CallId): readonly TapSession[] {
    return this.all.filter(session => session.call === call)
  }

  /** When a call's recordings were paused, ms since the epoch. */
  pausedSince(call: CallId): number | undefined {
    return this.ofCall(call).find(({ pausedSince }) => pausedSince !== undefined)?.pausedSince
  }

  get calls(): readonly CallId[] {
    return [...new Set(this.all.map(({ call }) => call))]
  }

  /** The parts that are being written. */
  get parts(): ReadonlySet<PartId> {
    return new Set(this.all.flatMap(({ recordings }) => recordings.map(({ partId }) => partId)))
  }

  /** Whether a call is being recorded for a purpose. */
  records(call: CallId, purpose: string): boolean {
    return this.all.some(s => s.call === call && s.recordings.some(r => r.purpose === purpose))
  }

  /** Forgets those that fit, and gives them. */
  remove(matches: (session: TapSession) => boolean): TapSession[] {
    const removed = this.all.filter(matches)
    for (const session of removed) this.#all.delete(session)
    return removed
  }
}
