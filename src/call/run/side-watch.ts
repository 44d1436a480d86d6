import { LEGS, type Leg } from '../../core/audio.js'
import type { Clock } from '../../core/clock.js'
import { isLocal } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { Silenced } from '../../core/ports.js'
import type { Log } from '../../lib/log.js'
import type { CallChannel, Neighbour, Recorder, RtpStream, SideFault } from '../ports.js'
import { type Heal, type HeardOn, heardOn, LegWatch } from './leg-watch.js'
import type { RunningCall } from './running-call.js'

/**
 * Delay from a change of the audible participants to the restart of the tap, ms. By then all simultaneous changes are
 * reported.
 */
const SETTLE_MS = 20
/** After this many packets of the caller, Asterisk has certainly read one of them whole. */
const LEAST_PACKETS = 2
/** If RTP restarts more often than this, the taps are restarted only if the side is found missing, ms. */
const SOURCE_PAUSE_MS = 10_000

export interface SideWatchDeps {
  /** The call on a channel that has not ended; undefined if none exists. */
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
  /** Legs whose channels have changed since they were watched. */
  changed: Set<Leg>
  /** The last channels heard on the caller's leg; empty if there were none. */
  callers: string
}

/**
 * Restarts the taps of a call when a side may have gone silent, on a PBX with that fault: it drops sound whose RTP
 * sequence numbers seem older than those before, for up to eleven minutes. That may happen when a caller hears another
 * participant, and when a participant's RTP restarts. Nothing else restarts taps. Taps of a `Local` channel are never
 * restarted. Where a tap is not restarted, `LegWatch` detects what is missing.
 */
export class SideWatch {
  readonly #deps: SideWatchDeps
  /** The channels that each call's channel heard last. A channel that has heard no other is absent. */
  readonly #heard = new Map<ChannelId, string>()
  readonly #waiting = new Map<ChannelId, () => void>()
  /**
   * Halves of `Local` channels. Without a MixMonitor for a moment, Asterisk would join the channels at its ends and
   * remove it, and the rest of the recording with it.
   */
  readonly #local = new Set<ChannelId>()
  /**
   * Channels of calls on hold, in a bridge with the holding participant. Without a MixMonitor for a moment, Asterisk
   * would end the music there.
   */
  readonly #onHold = new Set<ChannelId>()
  /** The audible channels on the legs of each call. */
  readonly #sides = new Map<ChannelId, Sides>()
  readonly #legs: LegWatch
  /** The names of the channels that have calls. */
  readonly #names = new Map<ChannelId, string>()
  readonly #sources: SourceWatch
  /** When a call's taps were last restarted because of a changed source, ms since the epoch. */
  readonly #sourceChanged = new Map<ChannelId, number>()
  /** Result of the last probe of the PBX. */
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

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    const all = [this.#heard, this.#waiting, this.#local, this.#onHold, this.#sides, this.#legs]
    const more = [this.#names, this.#sources, this.#sourceChanged]
    return [...all, ...more].reduce((sum, { size }) => sum + size, 0)
  }

  /** A channel has come to a line. @param name its own; empty if unknown */
  arrived(channel: ChannelId, name: string): void {
    this.#names.set(channel, name)
    this.#sources.begin()
  }

  /** A channel hears exactly these others. @param name its own; empty if unknown */
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
    // A caller alone hears at most the PBX.
    if (key) this.#restartIn(channel, SETTLE_MS, before === undefined)
    else this.#cancel(channel)
  }

  /** A hold on a channel's conversation, by either side, has begun or ended. The restart waits for its end. */
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

  /** Ends all holds here, because the end of a hold may be missed from now on. */
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

  /** The audible channels on the legs of a channel have changed. */
  #changeSides(channel: ChannelId, peers: readonly Neighbour[]): void {
    const isLocalHalf = this.#local.has(channel)
    const on = heardOn(peers, isLocalHalf)
    const sip = heardOn(peers.filter(isSip), isLocalHalf)
    const before = this.#sides.get(channel)
    this.#endWatch(channel)
    const changed = new Set(before?.changed)
    const [agents, callers] = [on.agent.join(' '), on.caller.join(' ')]
    if (agents !== (before?.on.agent.join(' ') ?? '')) changed.add('agent')
    // The first participant behind a Local channel has answered the questions there, before the tap.
    if (before?.callers && callers && callers !== before.callers) changed.add('caller')
    const known = callers || (before?.callers ?? '')
    this.#sides.set(channel, { on, sip, changed, callers: known })
  }

  /** A leg that has not been heard yet is watched again later. */
  #endWatch(channel: ChannelId): void {
    for (const leg of this.#legs.end(channel)) this.#sides.get(channel)?.changed.add(leg)
  }

  /**
   * Watches the changed legs, so that a gap in them is journalled.
   * @param canRestart whether the taps may be restarted for it
   */
  #watch(call: RunningCall, canRestart: boolean): void {
    const sides = this.#sides.get(call.channel)
    if (!sides) return
    const isOwn = (leg: Leg) => leg === 'caller' && !this.#local.has(call.channel)
    const heard = (leg: Leg) => (isOwn(leg) ? [call.channel] : sides.on[leg])
    const on = Object.fromEntries([...sides.changed].map(leg => [leg, heard(leg)]))
    sides.changed.clear()
    this.#legs.begin(call, on, canRestart ? this.#healOf(call) : undefined)
  }

  /** Restarts the taps of a call. If the caller's phone is silent, the restart is repeated once it sends packets. */
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
   * Restarts the taps. Until Asterisk has read a packet of the caller, it keeps its state of each side, so that a side
   * would stay silent.
   *
   * @returns `unread` if the caller's phone sent nothing between stop and start; false if the taps could not be
   *   restarted
   */
  async #renewTaps(call: RunningCall, silenced: Silenced = {}): Promise<boolean | 'unread'> {
    const { id, channel, pbx } = call
    let [first, read] = [undefined as number | undefined, false]
    const isRead = async () => {
      const count = await pbx.packetsFrom(channel)
      first ??= count
      read = count === undefined || count - first! >= LEAST_PACKETS
      // Without a packet count, the whole allowed time passes.
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

  /** Several changes at once, as in an attended transfer, cause one restart. */
  #restartIn(channel: ChannelId, ms: number, first = false): void {
    if (this.fault === 'none' || !this.#deps.callOn(channel)) return
    this.#cancel(channel)
    const cancel = this.#deps.clock.after(ms, () => {
      this.#waiting.delete(channel)
      void this.#restart(channel, first)
    })
    this.#waiting.set(channel, cancel)
  }

  /** @param first whether the caller had heard no participant before, so that only music could precede */
  async #restart(channel: ChannelId, first: boolean): Promise<void> {
    const { callOn, recorder } = this.#deps
    const call = callOn(channel)
    if (!call || recorder.recordedPurposes(call.id).length === 0) return
    if (this.#local.has(channel)) return this.#watch(call, false)
    const isNew = first && !(await call.pbx.heardMusic())
    // A hold may have begun meanwhile. The taps are then restarted, or the legs watched, after the hold.
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

  /** The recorded calls. */
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

  /**
   * The RTP of a leg comes from another source, whose sequence numbers may seem older.
   * @param ms age of the change at most
   */
  async #changeSource(call: RunningCall, leg: Leg, ms: number): Promise<void> {
    const { channel } = call
    const { clock, log } = this.#deps
    const sides = this.#sides.get(channel)
    if (this.#onHold.has(channel) || this.#waiting.has(channel)) return void sides?.changed.add(leg)
    sides?.changed.add(leg)
    const isSoon = clock.now() - (this.#sourceChanged.get(channel) ?? -Infinity) < SOURCE_PAUSE_MS
    if (this.#local.has(channel) || isSoon) return this.#watch(call, !this.#local.has(channel))
    this.#sourceChanged.set(channel, clock.now())
    log.info({ call: call.id, leg }, 'the RTP of a side restarts: the tap is restarted')
    await this.#restartNow(call, { [leg]: ms })
  }
}

const isSip = ({ name }: { name: string }): boolean => name.startsWith('PJSIP/')

/** Time between two checks, ms. It bounds how late a restart of a side's RTP is noticed. */
const CHECK_INTERVAL_MS = 1_000
/**
 * This many packets cannot be lost between two checks, so the sequence numbers have jumped. A number that seems older
 * counts as one after a turn of 65,536.
 */
const LEAP = 1_000
/**
 * Greatest age of a jump when the PBX reports it, ms: it counts lost packets at each RTCP report, by default every 5 s.
 */
const LEAP_MS = 6_500

/** A recorded call, and the audible PJSIP channels of each of its legs. */
export interface WatchedCall {
  call: RunningCall
  on: HeardOn
}

interface SourceWatchDeps {
  /** The calls that are recorded now. */
  watched(): readonly WatchedCall[]
  rtpOf(channels: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, RtpStream>>
  clock: Pick<Clock, 'after' | 'now'>
  /** The RTP of a leg has restarted. @param ms age of the change at most */
  changed(call: RunningCall, leg: Leg, ms: number): void
}

interface Seen extends RtpStream {
  at: number
}

/**
 * Checks the sides of recorded calls once a second, while there are any: whether RTP comes from another source than
 * before, or its sequence numbers have jumped. One check asks the PBX for many channels.
 */
export class SourceWatch {
  readonly #deps: SourceWatchDeps
  readonly #seen = new Map<ChannelId, Seen>()
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(deps: SourceWatchDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#seen.size
  }

  /** Starts the checks, unless they run. */
  begin(): void {
    this.#cancel ??= this.#deps.clock.after(CHECK_INTERVAL_MS, () => void this.#check())
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = () => {}
  }

  /** The taps of a call were restarted, so the current sources are heard. */
  async renewed({ on }: WatchedCall): Promise<void> {
    const at = this.#deps.clock.now()
    const streams = await this.#deps.rtpOf(LEGS.flatMap(leg => on[leg]))
    // A call may have ended meanwhile.
    const watched = channelsOf(this.#deps.watched())
    for (const [channel, stream] of streams)
      if (watched.has(channel)) this.#seen.set(channel, { ...stream, at })
  }

  /** A channel has ended. */
  gone(channel: ChannelId): void {
    this.#seen.delete(channel)
  }

  async #check(): Promise<void> {
    const { watched: list, rtpOf, clock } = this.#deps
    const watched = list()
    const channels = channelsOf(watched)
    const at = clock.now()
    const streams = await rtpOf([...channels])
    for (const channel of this.#seen.keys()) if (!channels.has(channel)) this.#seen.delete(channel)
    const before = new Map(this.#seen)
    for (const [channel, stream] of streams) {
      // A value seen later was requested after a restart.
      if ((before.get(channel)?.at ?? 0) < at) this.#seen.set(channel, { ...stream, at })
    }
    for (const one of watched) this.#compare(one, before, streams, at)
    if (this.#stopped) return
    this.#cancel = undefined
    if (watched.length > 0) this.begin()
  }

  #compare(
    { call, on }: WatchedCall,
    before: ReadonlyMap<ChannelId, Seen>,
    now: ReadonlyMap<ChannelId, RtpStream>,
    at: number,
  ): void {
    for (const leg of LEGS)
      for (const channel of on[leg]) {
        const [known, stream] = [before.get(channel), now.get(channel)]
        if (!known || !stream || known.at >= at) continue
        if (known.source !== stream.source) this.#deps.changed(call, leg, at - known.at)
        else if (stream.lost - known.lost >= LEAP) this.#deps.changed(call, leg, LEAP_MS)
      }
  }
}

const channelsOf = (watched: readonly WatchedCall[]): ReadonlySet<ChannelId> =>
  new Set(watched.flatMap(({ on }) => LEGS.flatMap(leg => on[leg])))
