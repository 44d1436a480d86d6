import { LEGS, type Leg } from '../../core/audio.js'
import type { Clock } from '../../core/clock.js'
import { isLocal } from '../../core/endpoint.js'
import type { ChannelId } from '../../core/ids.js'
import type { Log } from '../../lib/log.js'
import type { Neighbour, Recorder } from '../ports.js'
import type { RunningCall } from './running-call.js'

/** Time between two checks in the first half minute, and after it, ms. */
const [OFTEN_MS, SELDOM_MS] = [1_000, 30_000]
const OFTEN = 30
/** The PBX drops the sound for up to eleven minutes. The watch ends after that, ms. */
const LONGEST_MS = 690_000
/**
 * Checks that count packets before anything is known of the samples, which come in blocks of 4.1 s: the first one as a
 * baseline, and a second one for a call that ends soon.
 */
const BLIND_CHECKS: ReadonlySet<number> = new Set([1, 3])
/** A leg may be missing after this much silence, ms. */
const SILENT_MS = 3_000
/** Least packets a second of an audible phone. Most phones send 50, and phones that suppress silence a few. */
const LEAST_PACKETS = 10

/** The audible channels of each leg. */
export type HeardOn = Readonly<Record<Leg, readonly ChannelId[]>>

/**
 * The audible channels of each leg of a recorded channel. `Local` channels themselves have no packets.
 *
 * @param local whether the recorded channel is half of a `Local` channel. Its own side is then the participant behind
 *   the other half. With another `Local` channel beside it, the sides cannot be determined
 */
export function heardOn(peers: readonly Neighbour[], local: boolean): HeardOn {
  const on = (near: boolean) =>
    peers.filter(peer => !isLocal(peer) && peer.near === near).map(({ channel }) => channel)
  if (!local) return { caller: [], agent: [...on(true), ...on(false)] }
  if (peers.some(peer => peer.near && isLocal(peer))) return { caller: [], agent: [] }
  return { caller: on(false), agent: on(true) }
}

export interface LegWatchDeps {
  recorder: Pick<Recorder, 'losses' | 'recordedPurposes'>
  clock: Pick<Clock, 'after' | 'now'>
  log: Log
}

/** One leg whose next sound is awaited. */
interface AwaitedLeg {
  leg: Leg
  on: readonly ChannelId[]
  /** Packets of each of those channels at the last count. */
  counts: ReadonlyMap<ChannelId, number>
  /** Moment of that count, ms since the epoch. */
  countedAt: number
}

/**
 * Restarts the taps.
 * @returns whether that renewed both sides; `later` if it is not possible yet and must be retried
 */
export type Heal = () => Promise<boolean | 'later'>

interface Watching {
  call: RunningCall
  awaited: AwaitedLeg[]
  begunAt: number
  checks: number
  /** Runs once, unless it must be retried. */
  heal: Heal | undefined
  warned: boolean
  cancel(): void
}

/**
 * Watches the legs of a call after a change of the audible participants without a restart of the tap: whether samples
 * other than silence arrive on each leg. Without them, it counts the packets that the PBX receives from the leg's
 * participants, so that a gap is journalled.
 */
export class LegWatch {
  readonly #deps: LegWatchDeps
  readonly #watching = new Map<ChannelId, Watching>()
  #stopped = false

  constructor(deps: LegWatchDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#watching.size
  }

  /** Watches the legs with an audible participant. @param heal restarts the taps; undefined if that is not allowed */
  begin(call: RunningCall, on: Partial<HeardOn>, heal?: Heal): void {
    this.end(call.channel)
    const { recorder, clock } = this.#deps
    const begunAt = clock.now()
    const awaited = LEGS.flatMap(leg => {
      const channels = on[leg] ?? []
      return channels.length > 0 ? [{ leg, on: channels, counts: new Map(), countedAt: begunAt }] : []
    })
    if (awaited.length === 0 || this.#stopped) return
    for (const { leg } of awaited) recorder.losses.watch(call.id, leg, begunAt)
    const watching = { call, awaited, begunAt, heal, checks: 0, warned: false, cancel() {} }
    this.#watching.set(call.channel, watching)
    void this.#check(watching)
  }

  /** The audible participants have changed, or are on hold. @returns the legs whose next sound had not come */
  end(channel: ChannelId): Leg[] {
    const watching = this.#watching.get(channel)
    if (!watching) return []
    this.#close(watching)
    return watching.awaited.map(({ leg }) => leg)
  }

  /** The channel has ended. Its recordings journal the rest when they end. */
  gone(channel: ChannelId): void {
    this.#watching.get(channel)?.cancel()
    this.#watching.delete(channel)
  }

  /** The service stops, so the watch ends. */
  stop(): void {
    this.#stopped = true
    for (const channel of [...this.#watching.keys()]) this.gone(channel)
  }

  #close({ call, awaited, cancel }: Watching): void {
    const { losses } = this.#deps.recorder
    const now = this.#deps.clock.now()
    cancel()
    for (const { leg } of awaited) losses.left(call.id, leg, now)
    losses.note(call.id)
    this.#watching.delete(call.channel)
  }

  async #check(watching: Watching): Promise<void> {
    const { recorder, clock } = this.#deps
    const { call } = watching
    watching.checks += 1
    watching.awaited = watching.awaited.filter(({ leg }) => {
      const silent = recorder.losses.silentMs(call.id, leg)
      if (silent === 'heard') recorder.losses.left(call.id, leg, clock.now())
      return silent !== 'heard'
    })
    const isOver = clock.now() - watching.begunAt > LONGEST_MS
    if (isOver || watching.awaited.length === 0 || recorder.recordedPurposes(call.id).length === 0)
      return this.#close(watching)
    await Promise.all(watching.awaited.map(leg => this.#count(watching, leg)))
    if (!this.#isCurrent(watching)) return
    const often = watching.checks < OFTEN
    if (!often) recorder.losses.note(call.id)
    watching.cancel = clock.after(often ? OFTEN_MS : SELDOM_MS, () => void this.#check(watching))
  }

  #isCurrent(watching: Watching): boolean {
    return this.#watching.get(watching.call.channel) === watching
  }

  /** Counts the packets of a leg that may be missing. */
  async #count(watching: Watching, awaited: AwaitedLeg): Promise<void> {
    const { call, checks } = watching
    const { losses } = this.#deps.recorder
    const { leg, on, counts: before, countedAt } = awaited
    const silent = losses.silentMs(call.id, leg)
    const isSilent = silent !== 'heard' && silent >= SILENT_MS
    if (!isSilent && !BLIND_CHECKS.has(checks)) return
    const now = this.#deps.clock.now()
    const counted = await Promise.all(on.map(async one => [one, await call.pbx.packetsFrom(one)] as const))
    if (!this.#isCurrent(watching)) return
    const counts = new Map(counted.flatMap(([one, n]) => (n === undefined ? [] : [[one, n] as const])))
    awaited.counts = counts
    awaited.countedAt = now
    if (checks === 1) return
    const least = (LEAST_PACKETS * (now - countedAt)) / 1_000
    const came = on.some(one => (counts.get(one) ?? 0) - (before.get(one) ?? Infinity) >= least)
    losses.packets(call.id, leg, countedAt, now, came)
    if (came && isSilent) await this.#missing(watching, leg)
  }

  /** A leg is missing. A leg still silent after a restart of the taps is silent on the phone too, so the watch ends. */
  async #missing(watching: Watching, leg: Leg): Promise<void> {
    const { call, heal } = watching
    if (!watching.warned)
      this.#deps.log.warn(
        { call: call.id, leg },
        'a side of this call is missing in its recording: its packets come, and the PBX writes silence',
      )
    watching.warned = true
    watching.heal = undefined
    const healed = await heal?.()
    if (!this.#isCurrent(watching)) return
    if (healed === 'later') watching.heal = heal
    else if (healed) this.#close(watching)
  }
}
