import { LEGS, type Leg } from '../../core/audio.js'
import type { Clock } from '../../core/clock.js'
import type { ChannelId } from '../../core/ids.js'
import type { RtpStream } from '../ports.js'
import type { HeardOn } from './leg-watch.js'
import type { RunningCall } from './running-call.js'

/** Time between two checks, ms. It bounds how late a restart of a side's RTP is noticed. */
const LOOK_MS = 1_000
/**
 * This many packets cannot be lost between two checks, so the sequence numbers have jumped. A number that looks older
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

export interface SourceWatchDeps {
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
    this.#cancel ??= this.#deps.clock.after(LOOK_MS, () => void this.#look())
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

  async #look(): Promise<void> {
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
