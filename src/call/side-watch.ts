import type { Leg } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import { isLocal } from '../shared/endpoint.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { Silenced } from '../shared/ports.js'
import { type Heal, type HeardOn, heardOn, LegWatch } from './leg-watch.js'
import type { CallChannel, Neighbour, Recorder, SideFault } from './ports.js'
import type { RunningCall } from './running-call.js'
import { SourceWatch, type WatchedCall } from './source-watch.js'

/** From a change of who is heard to the restart of the tap, ms. By then all is reported that changes at once. */
const SETTLE_MS = 20
/** After so many packets of the caller Asterisk has surely read one of them whole. */
const LEAST_PACKETS = 2
/** Where RTP begins anew more often than this, the taps are restarted only if the side is found missing, ms. */
const SOURCE_PAUSE_MS = 10_000

export interface SideWatchDeps {
  /** The call on a channel that has not ended; undefined if there is none. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Gives orders to any channel of the PBX; undefined before the PBX is heard. */
  channelOf(channel: ChannelId): Pick<CallChannel, 'rtpOf'> | undefined
  recorder: Pick<Recorder, 'restartTaps' | 'recordedPurposes' | 'losses'>
  clock: Pick<Clock, 'after' | 'now'>
  log: Log
}

interface Sides {
  on: HeardOn
  /** Those of them that are channels of PJSIP. */
  sip: HeardOn
  /** Legs on which that has changed since they were watched. */
  changed: Set<Leg>
  /** Who was heard last on the leg of the caller; empty if nobody was. */
  callers: string
}

/**
 * Restarts the taps of a call when a side may have vanished, on a PBX that would silence a side of them: it drops sound whose RTP sequence
 * numbers look older than those before, until up to eleven minutes have passed. That may be so when a caller hears somebody else, and when the
 * RTP of somebody begins anew. Nothing else restarts taps. Those of a `Local` channel are left alone. Where a tap is not restarted, `LegWatch`
 * finds out what is missing.
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
  /** The names of the channels that have calls. */
  readonly #names = new Map<ChannelId, string>()
  readonly #sources: SourceWatch
  /** When the taps of a call were restarted last because a source changed, ms since the epoch. */
  readonly #sourceChanged = new Map<ChannelId, number>()
  /** What the last probe of the PBX found. */
  fault: SideFault = 'unknown'

  constructor(deps: SideWatchDeps) {
    this.#deps = deps
    this.#legs = new LegWatch(deps)
    this.#sources = new SourceWatch({
      watched: () => (this.fault === 'none' ? [] : this.#watched()),
      rtpOf: async channels =>
        (channels[0] && (await deps.channelOf(channels[0])?.rtpOf(channels))) || new Map(),
      clock: deps.clock,
      changed: (call, leg, ms) => void this.#changeSource(call, leg, ms),
    })
  }

  /** How many entries there are about channels. Without channels there are none. */
  get size(): number {
    const all = [this.#heard, this.#waiting, this.#local, this.#onHold, this.#sides, this.#legs]
    const more = [this.#names, this.#sources, this.#sourceChanged]
    return [...all, ...more].reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel has come to a line. @param name its own; empty if it is not known */
  arrived(channel: ChannelId, name: string): void {
    this.#names.set(channel, name)
    this.#sources.begin()
  }

  /** A channel is with exactly these others. @param name its own; empty if it is not known */
  met(channel: ChannelId, peers: readonly Neighbour[], name = ''): void {
    if (!this.#deps.callOn(channel)) return
    if (isLocal({ name })) this.#local.add(channel)
    if (name) this.arrived(channel, name)
    const heard = peers.map(({ channel: id }) => id).sort()
    const key = heard.join(' ')
    const before = this.#heard.get(channel)
    if ((before ?? '') === key) return
    this.#heard.set(channel, key)
    this.#onHold.delete(channel)
    this.#changeSides(channel, peers)
    // Alone, a caller hears the PBX at most.
    if (key) this.#restartIn(channel, SETTLE_MS, before === undefined)
    else this.#cancel(channel)
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
    this.#sources.stop()
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    const { caller = [], agent = [] } = this.#sides.get(channel)?.sip ?? {}
    for (const one of [channel, ...caller, ...agent]) this.#sources.gone(one)
    this.#heard.delete(channel)
    this.#local.delete(channel)
    this.#onHold.delete(channel)
    this.#sides.delete(channel)
    this.#names.delete(channel)
    this.#sourceChanged.delete(channel)
    this.#legs.gone(channel)
    this.#cancel(channel)
  }

  /** Who is heard on the legs of a channel has changed. */
  #changeSides(channel: ChannelId, peers: readonly Neighbour[]): void {
    const isLocalHalf = this.#local.has(channel)
    const on = heardOn(peers, isLocalHalf)
    const sip = heardOn(peers.filter(isSip), isLocalHalf)
    const before = this.#sides.get(channel)
    this.#endWatch(channel)
    const changed = new Set(before?.changed)
    const [agents, callers] = [on.agent.join(' '), on.caller.join(' ')]
    if (agents !== (before?.on.agent.join(' ') ?? '')) changed.add('agent')
    // Whoever is behind a Local channel at first has answered the questions there, before the tap.
    if (before?.callers && callers && callers !== before.callers) changed.add('caller')
    const known = callers || (before?.callers ?? '')
    this.#sides.set(channel, { on, sip, changed, callers: known })
  }

  /** A leg that has not been heard yet is watched again later. */
  #endWatch(channel: ChannelId): void {
    for (const leg of this.#legs.end(channel)) this.#sides.get(channel)?.changed.add(leg)
  }

  /** Nothing of the legs that changed may be missing without being journalled. @param canRestart whether the taps may be restarted for it */
  #watch(call: RunningCall, canRestart: boolean): void {
    const sides = this.#sides.get(call.channel)
    if (!sides) return
    const isOwn = (leg: Leg) => leg === 'caller' && !this.#local.has(call.channel)
    const heard = (leg: Leg) => (isOwn(leg) ? [call.channel] : sides.on[leg])
    const on = Object.fromEntries([...sides.changed].map(leg => [leg, heard(leg)]))
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
      const renewed = await this.#renewTaps(call)
      return renewed === 'unread' ? 'later' : renewed
    }
  }

  /**
   * Restarts the taps. Until Asterisk has read a packet of the caller, it keeps what it knows of each side, so that a side would stay silent.
   *
   * @returns `unread` if the caller's phone sent nothing between stop and start; false if the taps could not be restarted
   */
  async #renewTaps(call: RunningCall, silenced: Silenced = {}): Promise<boolean | 'unread'> {
    const { id, channel, pbx } = call
    let [first, read] = [undefined as number | undefined, false]
    const isRead = async () => {
      const count = await pbx.packetsFrom(channel)
      first ??= count
      read = count === undefined || count - first! >= LEAST_PACKETS
      // Where nobody counts packets, as much time passes as may.
      return read && count !== undefined
    }
    if (!(await this.#deps.recorder.restartTaps(id, silenced, isRead))) return false
    await this.#sources.renewed(this.#watchedOf(call))
    return read || 'unread'
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
    const { callOn, recorder } = this.#deps
    const call = callOn(channel)
    if (!call || recorder.recordedPurposes(call.id).length === 0) return
    if (this.#local.has(channel)) return this.#watch(call, false)
    const isNew = first && !(await call.pbx.heardMusic())
    // Somebody may have put the other side on hold meanwhile. Then the taps are restarted, or the legs watched, after that.
    if (this.#onHold.has(channel)) return
    if (isNew) return this.#watch(call, true)
    await this.#restartNow(call, { agent: SETTLE_MS })
  }

  async #restartNow(call: RunningCall, silenced: Silenced): Promise<void> {
    const { channel } = call
    const { callOn, log } = this.#deps
    const renewed = await this.#renewTaps(call, silenced)
    if (renewed === true) return void this.#sides.get(channel)?.changed.clear()
    if (!callOn(channel)) return
    if (!renewed)
      log.warn({ call: call.id }, 'the tap could not be restarted: a side of this call may be missing')
    this.#watch(call, true)
  }

  /** The calls that are recorded. */
  #watched(): WatchedCall[] {
    const { callOn, recorder } = this.#deps
    return [...this.#names.keys()].flatMap(channel => {
      const call = callOn(channel)
      return call && recorder.recordedPurposes(call.id).length > 0 ? [this.#watchedOf(call)] : []
    })
  }

  #watchedOf(call: RunningCall): WatchedCall {
    const { channel } = call
    const sides = this.#sides.get(channel)
    const isOwn = !this.#local.has(channel) && isSip({ name: this.#names.get(channel) ?? '' })
    const caller = isOwn ? [channel] : (sides?.sip.caller ?? [])
    return { call, on: { caller, agent: sides?.sip.agent ?? [] } }
  }

  /** The RTP of a leg comes from another source, whose sequence numbers may look older. @param ms since when at most */
  async #changeSource(call: RunningCall, leg: Leg, ms: number): Promise<void> {
    const { channel } = call
    const { clock, log } = this.#deps
    const sides = this.#sides.get(channel)
    if (this.#onHold.has(channel) || this.#waiting.has(channel)) return void sides?.changed.add(leg)
    sides?.changed.add(leg)
    const isSoon = clock.now() - (this.#sourceChanged.get(channel) ?? -Infinity) < SOURCE_PAUSE_MS
    if (this.#local.has(channel) || isSoon) return this.#watch(call, !this.#local.has(channel))
    this.#sourceChanged.set(channel, clock.now())
    log.info({ call: call.id, leg }, 'the RTP of a side begins anew: the tap is restarted')
    await this.#restartNow(call, { [leg]: ms })
  }
}

const isSip = ({ name }: { name: string }): boolean => name.startsWith('PJSIP/')
