import type { Leg } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import { isLocal } from '../shared/endpoint.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import { type Heal, type HeardOn, heardOn, LegWatch } from './leg-watch.js'
import type { Neighbour, Recorder, SideFault } from './ports.js'
import type { RunningCall } from './running-call.js'

/** From a change of who is heard to the restart of the tap, ms. By then the new sound arrives, and the taps start with it. */
const SETTLE_MS = 200
/** The same where nobody is left: the call is most often about to end. */
const ALONE_MS = 1_000
/** If so many packets of the caller come while the taps are restarted, Asterisk has read some of them between stop and start. Most phones send 50 a second. */
const LEAST_PACKETS = 4

export interface SideWatchDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  recorder: Pick<Recorder, 'restartTaps' | 'recordedPurposes' | 'losses'>
  clock: Pick<Clock, 'after' | 'now'>
  log: Log
}

interface Sides {
  on: HeardOn
  /** Legs on which that has changed since they were watched. */
  changed: Set<Leg>
  /** Who was heard last on the leg of the caller; empty if nobody was. */
  callers: string
}

/**
 * Restarts the taps of a call whenever a caller hears somebody else, on a PBX that would silence a side of them: it drops the sound of a
 * phone whose RTP sequence numbers look older than those of the phone before it, until up to eleven minutes have passed. Taps of a `Local`
 * channel are left alone. Where a tap is not restarted, `LegWatch` finds out what is missing.
 */
export class SideWatch {
  readonly #deps: SideWatchDeps
  /** Whom the channel of each call heard last. A channel that has heard nobody yet is not in it. */
  readonly #heard = new Map<ChannelId, string>()
  readonly #waiting = new Map<ChannelId, () => void>()
  /**
   * Halves of `Local` channels. Without a MixMonitor for a moment, Asterisk would join those at its ends and remove it, and with it the
   * rest of the recording.
   */
  readonly #local = new Set<ChannelId>()
  /** Channels of calls on hold, in a bridge with whoever holds. Without a MixMonitor for a moment, Asterisk would end the music there. */
  readonly #onHold = new Set<ChannelId>()
  /** Who is heard on the legs of each call. */
  readonly #sides = new Map<ChannelId, Sides>()
  readonly #legs: LegWatch
  /** What the last probe of the PBX found. */
  fault: SideFault = 'unknown'

  constructor(deps: SideWatchDeps) {
    this.#deps = deps
    this.#legs = new LegWatch(deps)
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    const all = [this.#heard, this.#waiting, this.#local, this.#onHold, this.#sides, this.#legs]
    return all.reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel is with exactly these others. @param name its own; empty if it is not known */
  met(channel: ChannelId, peers: readonly Neighbour[], name = ''): void {
    if (!this.#deps.callOn(channel)) return
    if (isLocal({ name })) this.#local.add(channel)
    const heard = peers.map(({ channel: id }) => id).sort()
    const key = heard.join(' ')
    const before = this.#heard.get(channel)
    if ((before ?? '') === key) return
    this.#heard.set(channel, key)
    this.#onHold.delete(channel)
    this.#changeSides(channel, heardOn(peers, this.#local.has(channel)))
    const first = before === undefined
    this.#restartIn(channel, key ? SETTLE_MS : ALONE_MS, first)
  }

  /** Somebody who is with a channel, or whoever is on it, has put the other side on hold, or takes it back. The restart waits for the latter. */
  held(channel: ChannelId, on: boolean): void {
    if (!this.#deps.callOn(channel)) return
    if (on) {
      this.#onHold.add(channel)
      this.#cancel(channel)
      this.#endWatch(channel)
    } else {
      this.#onHold.delete(channel)
      this.#sides.get(channel)?.changed.add('agent')
      this.#restartIn(channel, SETTLE_MS)
    }
  }

  /** Whoever holds may take the other side back unheard from now on, so nobody counts as held. */
  forgetHolds(): void {
    this.#onHold.clear()
  }

  /** The service stops. Recordings journal what is missing when their parts end. */
  stop(): void {
    this.#legs.stop()
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#heard.delete(channel)
    this.#local.delete(channel)
    this.#onHold.delete(channel)
    this.#sides.delete(channel)
    this.#legs.gone(channel)
    this.#cancel(channel)
  }

  /** Who is heard on the legs of a channel has changed. */
  #changeSides(channel: ChannelId, on: HeardOn): void {
    const before = this.#sides.get(channel)
    this.#endWatch(channel)
    const changed = new Set(before?.changed)
    const [agents, callers] = [on.agent.join(' '), on.caller.join(' ')]
    if (agents !== (before?.on.agent.join(' ') ?? '')) changed.add('agent')
    // Whoever is behind a Local channel at first has answered the questions there, before the tap.
    if (before?.callers && callers && callers !== before.callers) changed.add('caller')
    this.#sides.set(channel, { on, changed, callers: callers || (before?.callers ?? '') })
  }

  /** A leg that has not been heard yet is watched again later. */
  #endWatch(channel: ChannelId): void {
    for (const leg of this.#legs.end(channel)) this.#sides.get(channel)?.changed.add(leg)
  }

  /** Nothing of the legs that changed may be missing without being journalled. @param canRestart whether the taps may be restarted for it */
  #watch(call: RunningCall, canRestart: boolean): void {
    const sides = this.#sides.get(call.channel)
    if (!sides) return
    const on = Object.fromEntries([...sides.changed].map(leg => [leg, sides.on[leg]]))
    sides.changed.clear()
    this.#legs.begin(call, on, canRestart ? this.#healOf(call) : undefined)
  }

  /** Restarts the taps of a call. If the caller's phone is silent, that is done again once it sends packets. */
  #healOf(call: RunningCall): Heal {
    let counted: number | undefined
    return async () => {
      const before = counted
      counted = await call.pbx.packetsFrom(call.channel)
      if (before !== undefined && counted !== undefined && counted - before < LEAST_PACKETS) return 'later'
      if (this.#onHold.has(call.channel)) return 'later'
      const renewed = await this.#renewTaps(call, 0)
      return renewed === 'unread' ? 'later' : renewed
    }
  }

  /**
   * Restarts the taps. Until Asterisk has read a packet of the caller, it keeps what it knows of each side, so that a side would stay silent.
   *
   * @returns `unread` if the caller's phone sent nothing between stop and start; false if the taps could not be restarted
   */
  async #renewTaps({ id, channel, pbx }: RunningCall, silencedMs: number): Promise<boolean | 'unread'> {
    const restarting = this.#deps.recorder.restartTaps(id, silencedMs)
    const [before, restarted] = await Promise.all([pbx.packetsFrom(channel), restarting])
    if (!restarted) return false
    const after = await pbx.packetsFrom(channel)
    return before === undefined || after === undefined || after - before >= LEAST_PACKETS || 'unread'
  }

  #cancel(channel: ChannelId): void {
    this.#waiting.get(channel)?.()
    this.#waiting.delete(channel)
  }

  /** Several changes at once, as in an attended transfer, lead to one restart. */
  #restartIn(channel: ChannelId, ms: number, first = false): void {
    if (this.fault === 'none' || !this.#deps.callOn(channel)) return
    this.#cancel(channel)
    const cancel = this.#deps.clock.after(ms, () => {
      this.#waiting.delete(channel)
      void this.#restart(channel, first)
    })
    this.#waiting.set(channel, cancel)
  }

  /** @param first whether the caller had heard nobody before, so that only music could come before */
  async #restart(channel: ChannelId, first: boolean): Promise<void> {
    const { callOn, recorder, log } = this.#deps
    const call = callOn(channel)
    if (!call || recorder.recordedPurposes(call.id).length === 0) return
    if (this.#local.has(channel)) return this.#watch(call, false)
    const isNew = first && !(await call.pbx.heardMusic())
    // Somebody may have put the other side on hold meanwhile. Then the taps are restarted, or the legs watched, after that.
    if (this.#onHold.has(channel)) return
    if (isNew) return this.#watch(call, true)
    const renewed = await this.#renewTaps(call, SETTLE_MS)
    if (renewed === true) return void this.#sides.get(channel)?.changed.clear()
    if (!callOn(channel)) return
    if (!renewed)
      log.warn({ call: call.id }, 'the tap could not be restarted: a side of this call may be missing')
    this.#watch(call, true)
  }
}
