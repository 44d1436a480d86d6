import { LEGS, type Leg } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import type { Silenced, TapOrders, TapStart } from '../core/ports.js'
import { waitAtMost } from '../lib/deadline.js'
import { logUnlessExpected } from '../lib/faults.js'
import type { Log } from '../lib/log.js'
import type { Ending } from './recording.js'
import type { Moment } from './redaction.js'
import type { SessionTap } from './tap/tap.js'

/**
 * Time from the end of the pipes to the search for its reason, ms. The end of the channel or the loss of the PBX is
 * usually reported within it. If neither is, the tap was stopped, and audio is lost until it runs again.
 */
const STOPPED_AFTER = 300
/**
 * Longest time from the end of the pipes to the event that explains it, ms: the end of the channel, or the loss of the
 * PBX. Without such an event, the tap was stopped and the call continues.
 */
const CAUSE_TIMEOUT = 1_000
/** Longest time until the pipes end after an order to stop, ms. It takes some 50 ms. */
const STOP_TIMEOUT = 3_000
/** How long the PBX may be unreachable after the pipes ended until it counts as dead, ms. A restart is faster. */
const PBX_TIMEOUT = 60_000
/** How often a stopped tap is started again in one call. More stops than that are taken as intended. */
const MAX_STOPS = 20

export const FINISHED: Ending = { state: 'finished' }
/** The pipes did not end in time after the call: audio of its end may be missing. */
export const TAP_LATE: Ending = { state: 'truncated', reason: 'tap-late' }
/** The keeper died, and no other one reads the pipes. */
export const KEEPER_DIED: Ending = { state: 'truncated', reason: 'keeper-died' }
/** The PBX was unreachable when the pipes ended, and may have died. */
const PBX_LOST: Ending = { state: 'truncated', reason: 'pbx-lost' }
/** The PBX died and lost up to one block of each leg. */
const TAP_GONE: Ending = { state: 'truncated', reason: 'tap-gone' }
/** The PBX stopped writing, and the tap could not be started again. */
const TAP_STOPPED: Ending = { state: 'truncated', reason: 'tap-stopped' }

/** Why audio of both legs is missing: the tap was stopped from outside the service, or restarted by the service. */
export type TapGap = 'tap-stopped' | 'tap-restarted'

/** The gap around a restart. */
export interface TapLoss {
  /** From the end of the pipes until the tap has started again, ms. */
  ms: number
  /** How long each leg may have been silenced before that, ms: no longer than it was silent. */
  silencedMs: Readonly<Record<Leg, number>>
}

interface TapEndDeps {
  clock: Clock
  log: Log
  pbx: PbxIncarnation
  /** Orders to the PBX that concern the tap; undefined while they are unavailable. */
  orders(): TapOrders | undefined
  /** Whether anything is still recorded. */
  recording(): boolean
  onGap(lost: TapLoss, reason: TapGap): void
  /** The tap was started again. */
  onStarted(at: Moment): void
  /** The recordings end. May be called more than once. */
  onEnd(ending: Ending): void
}

/** Decides when and how the recordings of one tap end. Restarts a tap that was stopped although the call continues. */
export class TapEnd {
  readonly #deps: TapEndDeps
  readonly #endedLegs = new Set<Leg>()
  #endedAt = 0
  #tap: SessionTap | undefined
  #channelGone = false
  #closed = false
  #onStop: (() => void) | undefined
  /** From the order to stop the tap to the end of its pipes, ms. */
  #stoppingMs = 0
  /** When the tap was started again last. */
  #startedAt = Number.NEGATIVE_INFINITY
  /** True from the stop of a tap that is to be started again until the PBX has answered. */
  #starting = false
  #cancelPbxTimeout: () => void = () => {}
  /** How often the tap was stopped from outside the service. */
  stops = 0

  constructor(deps: TapEndDeps) {
    this.#deps = deps
  }

  useTap(tap: SessionTap): void {
    this.#tap = tap
  }

  get channelGone(): boolean {
    return this.#channelGone
  }

  get bothLegsEnded(): boolean {
    return LEGS.every(leg => this.#endedLegs.has(leg))
  }

  legEnded(leg: Leg): void {
    const { clock } = this.#deps
    this.#endedLegs.add(leg)
    if (!this.bothLegsEnded) return
    this.#endedAt = clock.elapsed()
    if (this.#onStop) this.#onStop()
    else if (this.#channelGone) this.#end(FINISHED)
    else if (this.#deps.orders()) clock.after(STOPPED_AFTER, () => void this.#explain())
    else clock.after(CAUSE_TIMEOUT, () => void this.#explain())
  }

  /** The channel has ended. */
  gone(): void {
    this.#channelGone = true
    if (this.bothLegsEnded) this.#end(FINISHED)
  }

  /** Ends the recordings. */
  end(ending: Ending): void {
    this.#end(ending)
  }

  /** Prevents any later end of the recordings, because the service stops. */
  close(): void {
    this.#closed = true
    this.#cancelPbxTimeout()
  }

  /** The PBX is unreachable, so that the pipes may end because it died. */
  pbxLost(): void {
    this.#deps.pbx.connectionLost()
  }

  /** @param started start time of the PBX; a new one means that the PBX before it died with its channels */
  pbxBack(started: string | undefined): void {
    const { pbx } = this.#deps
    pbx.connectionBack(started)
    if (!this.bothLegsEnded) return
    this.#cancelPbxTimeout()
    void this.#explain(pbx.uncertain ? PBX_LOST : FINISHED)
  }

  /** Has the PBX stop the tap for a restart. @returns whether it has stopped; only `start` starts it then */
  async stop(orders: TapOrders): Promise<boolean> {
    if (this.#starting || this.#onStop || !this.#tap || this.#closed || this.#channelGone) return false
    const { clock } = this.#deps
    this.#stoppingMs = 0
    if (this.bothLegsEnded) {
      this.#starting = true
      return true
    }
    const orderedAt = clock.elapsed()
    const ended = new Promise<void>(resolve => {
      this.#onStop = resolve
    })
    await orders.stop(this.#tap.reference)
    const stopped = await waitAtMost(clock, STOP_TIMEOUT, ended)
    if (stopped) this.#stoppingMs = this.#endedAt - orderedAt
    this.#onStop = undefined
    this.#starting = stopped
    return stopped
  }

  /**
   * Has the PBX start a tap whose legs have ended, and reports the gap.
   *
   * @param silenced how long each leg was silenced before the order to stop. It stayed silenced until the pipes ended
   */
  async start(orders: TapOrders, reason: TapGap, silenced: Silenced = {}): Promise<TapStart> {
    const { clock, log, onGap, onStarted } = this.#deps
    const tap = this.#tap!
    this.#starting = true
    const failed = (error: unknown) => {
      logUnlessExpected(log, error, 'a tap could not be started again')
      return 'failed' as const
    }
    try {
      await tap.readAgain()
      this.#endedLegs.clear()
      // The tap had not started at any check but the last.
      let [notYet, lookedAt] = [clock.now(), clock.now()]
      const looked = () => {
        notYet = lookedAt
        lookedAt = clock.now()
      }
      const outcome = await orders.start(tap.reference, looked).catch(failed)
      const ms = clock.elapsed() - this.#endedAt
      // The gap before the last start was reported already.
      const most = this.#endedAt - this.#startedAt
      const before = (leg: Leg) => Math.min(silenced[leg] ? silenced[leg] + this.#stoppingMs : 0, most)
      if (outcome === 'started') {
        this.#startedAt = clock.elapsed()
        onStarted({ earliest: notYet, latest: clock.now() })
        onGap({ ms, silencedMs: { caller: before('caller'), agent: before('agent') } }, reason)
      } else for (const leg of LEGS) this.#endedLegs.add(leg)
      return outcome
    } catch (error) {
      const outcome = failed(error)
      return this.#channelGone ? 'no-channel' : outcome
    } finally {
      this.#starting = false
      if (this.#channelGone && this.bothLegsEnded) this.#end(FINISHED)
    }
  }

  /** The tap was stopped for a restart and did not start. */
  notStarted(outcome: TapStart): void {
    this.#endLater(outcome === 'failed' ? TAP_STOPPED : FINISHED)
  }

  /**
   * Both legs have ended, and no end of the channel is known. @param unstopped how it ends if the tap was not stopped
   */
  async #explain(unstopped = FINISHED): Promise<void> {
    const { pbx, orders: ordersNow, recording } = this.#deps
    if (this.#closed || !this.bothLegsEnded || this.#onStop || this.#starting) return
    if (pbx.unreachable) return this.#waitForPbx()
    const orders = ordersNow()
    if (this.#channelGone || pbx.died || !orders || !recording()) return this.#end(unstopped)
    this.stops += 1
    const outcome = this.stops > MAX_STOPS ? 'failed' : await this.start(orders, 'tap-stopped')
    if (outcome === 'started' || this.#closed) return
    if (outcome === 'no-channel') this.stops -= 1
    this.#endLater(outcome === 'failed' ? TAP_STOPPED : unstopped, unstopped)
  }

  /**
   * The tap did not start. An end of the channel or a loss of the PBX is reported soon. @param unstopped as for
   * `#explain`
   */
  #endLater(ending: Ending, unstopped = FINISHED): void {
    this.#deps.clock.after(CAUSE_TIMEOUT, () => {
      // The PBX may have come back, and the tap may have been started again.
      if (this.#closed || this.#starting || !this.bothLegsEnded) return
      if (this.#deps.pbx.unreachable) this.#waitForPbx()
      else this.#end(this.#channelGone ? unstopped : ending)
    })
  }

  #waitForPbx(): void {
    this.#cancelPbxTimeout()
    this.#cancelPbxTimeout = this.#deps.clock.after(PBX_TIMEOUT, () => this.#end(TAP_GONE))
  }

  #end(ending: Ending): void {
    this.#cancelPbxTimeout()
    if (this.#closed) return
    this.#closed = true
    this.#deps.onEnd(this.#deps.pbx.died ? TAP_GONE : ending)
  }
}

/** The PBX process that writes to a tap. When it dies, it loses up to one unwritten block of each leg. */
export class PbxIncarnation {
  /** Start time, in the PBX's own format; undefined as long as the PBX has not reported it. */
  #started: string | undefined
  #unreachable: boolean
  #died = false
  #uncertain = false

  /** @param unreachable true for a recovered tap, until the PBX is reached */
  constructor(started: string | undefined, unreachable: boolean) {
    this.#started = started
    this.#unreachable = unreachable
  }

  /** The PBX cannot be reached now, and may have died. */
  get unreachable(): boolean {
    return this.#unreachable
  }

  get died(): boolean {
    return this.#died
  }

  /** The PBX was unreachable, and it is not known whether the same process is back. */
  get uncertain(): boolean {
    return this.#uncertain
  }

  connectionLost(): void {
    this.#unreachable = true
  }

  /** @param started start time of the PBX that can be reached again */
  connectionBack(started: string | undefined): void {
    if (this.#unreachable) {
      this.#uncertain = this.#started === undefined || started === undefined
      this.#died ||= !this.#uncertain && started !== this.#started
    } else this.#started ??= started
    this.#unreachable = false
  }
}
