import { systemClock } from '../core/clock.js'
import type { CallId, PartId } from '../core/ids.js'
import type { OmittedBy } from '../core/party-events.js'
import type { Purpose } from '../core/policy.js'
import type { Silenced, TapOrders } from '../core/ports.js'
import { sleep } from '../lib/retry.js'
import type { RecordingPauses } from './recording-pauses.js'
import type { TapSession } from './tap-session.js'

/**
 * Longest time without a tap, ms. Until Asterisk has read audio of the caller, it keeps its state of each side, and a
 * new tap would stay as silent as the one before. Packets come every 20 ms, or less often if the phones agree on it.
 */
const MOST_UNREAD_MS = 120
/** Interval of the checks whether Asterisk has read audio, ms. */
const ASK_MS = 5

/**
 * The running tap sessions. A call has one. It gets a second one only if it reaches another line and the caller
 * consents to a further purpose: that purpose is recorded from that moment on, without a sample from before.
 */
export class TapSessions {
  readonly #all = new Set<TapSession>()

  /** Finds the orders to the PBX to stop and start the taps of a call; undefined if there are none. */
  ordersOf: (call: CallId) => TapOrders | undefined = () => undefined

  add(session: TapSession): void {
    this.#all.add(session)
    session.useOrders(() => this.ordersOf(session.call))
  }

  /**
   * Has the PBX stop all taps of a call before it starts any of them again.
   *
   * @param silenced how long each leg was silenced before
   * @param isRead whether the PBX has read audio of the caller since the first call of this function, or that cannot be
   *   known
   * @returns whether all were stopped and started
   */
  async restart(call: CallId, silenced: Silenced, isRead: () => Promise<boolean>): Promise<boolean> {
    const orders = this.ordersOf(call)
    const recording = this.#recording(call)
    if (!orders) return false
    const stopping = recording.map(async session => ((await session.stopTap(orders)) ? [session] : []))
    const stopped = (await Promise.all(stopping)).flat()
    const until = performance.now() + MOST_UNREAD_MS
    while (stopped.length > 0 && !(await isRead()) && performance.now() < until)
      await sleep(systemClock, ASK_MS)
    const starting = stopped.map(session => session.startTap(orders, silenced))
    const started = (await Promise.all(starting)).filter(outcome => outcome === 'started')
    return started.length > 0 && started.length === recording.length
  }

  get all(): readonly TapSession[] {
    return [...this.#all]
  }

  /** @returns the sessions of one call */
  ofCall(call: CallId): readonly TapSession[] {
    return this.all.filter(session => session.call === call)
  }

  /**
   * @returns since when an agent or a program has paused the call's recordings, ms since the epoch; undefined if
   *   neither has
   */
  pausedSince(call: CallId): number | undefined {
    return this.#pauses(call).find(isOrdered)?.since
  }

  /**
   * @returns why something is left out of the call's recording for a purpose, or of any of them; undefined if nothing
   *   is
   */
  pausedBy(call: CallId, purpose?: Purpose): OmittedBy | undefined {
    return this.#pauses(call, purpose).find(({ by }) => by)?.by
  }

  /**
   * Applies the pause of an agent or a program to all recordings of its call. Call this once those of an earlier
   * service are known.
   */
  recoverPauses(): void {
    for (const call of this.calls) {
      const { since, by } = this.#pauses(call).find(isOrdered) ?? {}
      if (since === undefined || by === undefined) continue
      for (const pauses of this.#pauses(call)) pauses.recoverUnnoted(since, by)
    }
  }

  /** The pauses of the running recordings of a call. */
  #pauses(call: CallId, wanted?: Purpose): RecordingPauses[] {
    return this.#recording(call).flatMap(({ recordings, pauses }) =>
      recordings
        .filter(({ running, purpose }) => running && (wanted === undefined || purpose === wanted))
        .map(recording => pauses.of(recording)),
    )
  }

  /** @returns the purposes for which the call is being recorded */
  recordedPurposes(call: CallId): Purpose[] {
    const all = this.#recording(call).flatMap(({ recordings }) => recordings)
    return all.flatMap(({ running, purpose }) => (running ? purpose : []))
  }

  /**
   * Sessions of a call that still record. A recording that ended in a pause stays paused, so ended ones are left out.
   */
  #recording(call: CallId): readonly TapSession[] {
    return this.ofCall(call).filter(({ recording }) => recording)
  }

  get calls(): readonly CallId[] {
    return [...new Set(this.all.map(({ call }) => call))]
  }

  /** The parts that are being written now. */
  get parts(): ReadonlySet<PartId> {
    return new Set(this.all.flatMap(({ recordings }) => recordings.map(({ partId }) => partId)))
  }

  /** @returns whether the call is being recorded for the purpose */
  records(call: CallId, purpose: string): boolean {
    return this.all.some(s => s.call === call && s.recordings.some(r => r.purpose === purpose))
  }

  /** Removes the matching sessions. @returns the removed ones */
  remove(matches: (session: TapSession) => boolean): TapSession[] {
    const removed = this.all.filter(matches)
    for (const session of removed) this.#all.delete(session)
    return removed
  }
}

const isOrdered = ({ by }: RecordingPauses): boolean => by === 'agent' || by === 'api'
