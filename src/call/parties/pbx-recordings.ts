import type { Clock } from '../../core/clock.js'
import { event, withDeterministicId } from '../../core/events.js'
import type { ChannelId } from '../../core/ids.js'
import type { CallChannel, EventSink, Neighbour } from '../ports.js'
import type { RunningCall } from '../run/running-call.js'

/**
 * How long a recording by the PBX is remembered, ms. The PBX records because of a setting, so the next call will show
 * it again.
 */
const REMEMBERED_MS = 10 * 60_000

export interface PbxRecordingsDeps {
  /** The call on a channel that has not ended; undefined if none exists. */
  callOn(channel: ChannelId): RunningCall | undefined
  /** Whether a call came from inside, so that it asked no questions. */
  cameFromInside(call: RunningCall): boolean
  /** Gives orders to any channel of the PBX; undefined before the PBX is heard. */
  channelOf(channel: ChannelId): RecordedChannel | undefined
  journal: Pick<EventSink, 'note'>
  /** Whether the service has the PBX stop such recordings. */
  stopsPbxRecordings: boolean
  clock: Pick<Clock, 'now' | 'elapsed'>
}

type RecordedChannel = Pick<CallChannel, 'recordedByPbx' | 'stopPbxRecordings' | 'follow'>

/**
 * Finds calls that are asked and that the PBX itself records, with its own MixMonitor on the channel of the caller or
 * of another participant. The caller was not asked for that recording, and a no does not stop it. If the settings say
 * so, the service has the PBX stop it.
 */
export class PbxRecordings {
  readonly #deps: PbxRecordingsDeps
  readonly #found = new Set<ChannelId>()
  /** Channels whose callers are to be asked, or have answered. */
  readonly #asked = new Set<ChannelId>()
  /** Channels of unrecorded callers that the PBX was asked to report on. */
  readonly #followed = new Set<ChannelId>()
  /** By each caller who has answered: the other participants. */
  readonly #peers = new Map<ChannelId, ReadonlySet<ChannelId>>()
  /** When such a recording was last found, by the monotonic clock, ms. */
  #foundAt: number | undefined

  constructor(deps: PbxRecordingsDeps) {
    this.#deps = deps
  }

  /** Whether such a call is under way, or was found within the last ten minutes. */
  get found(): boolean {
    const recently = this.#foundAt !== undefined && this.#deps.clock.elapsed() - this.#foundAt < REMEMBERED_MS
    return this.#found.size > 0 || recently
  }

  /** Number of entries about channels. It is 0 without channels. */
  get size(): number {
    return this.#found.size + this.#asked.size + this.#followed.size + this.#peers.size
  }

  /** A call begins whose caller is to be asked. */
  begun(channel: ChannelId): void {
    this.#asked.add(channel)
    void this.#check(channel, 'before')
  }

  /** A channel hears exactly these others. By now at the latest, PBXs begin their recordings. */
  connected(channel: ChannelId, peers: readonly Neighbour[]): void {
    const call = this.#deps.callOn(channel)
    const known = this.#peers.get(channel)
    this.#peers.delete(channel)
    if (!call?.standing.answered || peers.length === 0) return
    this.#peers.set(channel, new Set(peers.map(peer => peer.channel)))
    void this.#follow(channel, call).then(() => this.#check(channel, 'after'))
    // The PBX reports a recording that begins on a near channel. A far one is checked at each report of its
    // participants.
    for (const peer of peers)
      if (!peer.near || !known?.has(peer.channel)) void this.#checkPeer(channel, call, peer)
  }

  /** The PBX reports that it begins to record a channel. */
  began(channel: ChannelId): void {
    const answered = this.#deps.callOn(channel)?.standing.answered
    if (answered || this.#asked.has(channel)) void this.#check(channel, answered ? 'after' : 'before')
    const pbx = this.#deps.channelOf(channel)
    for (const [caller, peers] of this.#peers)
      if (pbx && peers.has(channel)) void this.#check(caller, 'after', pbx)
  }

  /**
   * The PBX asks a channel for a message to a mailbox, which it stores unencrypted. Recorded callers are left out,
   * because they have agreed.
   */
  inMailbox(channel: ChannelId): void {
    const call = this.#deps.callOn(channel)
    if (!call || this.#deps.cameFromInside(call) || this.#found.has(channel)) return
    const { answered, recorded } = call.standing
    if (recorded.length === 0 && call.line.mode !== 'none')
      this.#note(channel, call, false, answered ? 'after' : 'before')
  }

  gone(channel: ChannelId): void {
    for (const all of [this.#found, this.#asked, this.#followed, this.#peers]) all.delete(channel)
  }

  /** Checks the channel of another participant. The PBX reports on it anyway if agents' keys count in the call. */
  async #checkPeer(caller: ChannelId, { standing }: RunningCall, peer: Neighbour): Promise<void> {
    const pbx = this.#deps.channelOf(peer.channel)
    if (!pbx) return
    const isHeard = standing.recorded.length > 0 || standing.asksByKey
    if (peer.near && this.#deps.stopsPbxRecordings && !isHeard) await pbx.follow().catch(() => {})
    await this.#check(caller, 'after', pbx)
  }

  /**
   * Has the PBX report on an unrecorded caller, if it is to stop its recordings. It reports on recorded callers anyway.
   * Never rejects.
   */
  async #follow(channel: ChannelId, { standing, pbx }: RunningCall): Promise<void> {
    if (!this.#deps.stopsPbxRecordings || standing.recorded.length > 0 || this.#followed.has(channel)) return
    this.#followed.add(channel)
    await pbx.follow().catch(() => {})
  }

  /**
   * @param channel the caller's
   * @param recorded the channel that the PBX may record: the caller's or another participant's
   */
  async #check(channel: ChannelId, when: 'before' | 'after', recorded?: RecordedChannel): Promise<void> {
    const { callOn, stopsPbxRecordings } = this.#deps
    const call = callOn(channel)
    const pbx = recorded ?? call?.pbx
    // The PBX may begin another recording each time the channel is connected, so stopping is repeated. A continuing one
    // is reported once.
    if (!call || !pbx || (this.#found.has(channel) && !stopsPbxRecordings)) return
    if (!(await pbx.recordedByPbx())) return
    if (callOn(channel) !== call) return
    const stopped = stopsPbxRecordings && (await pbx.stopPbxRecordings())
    if (callOn(channel) !== call || this.#found.has(channel)) return
    this.#note(channel, call, stopped, when)
  }

  #note(channel: ChannelId, call: RunningCall, stopped: boolean, when: 'before' | 'after'): void {
    const { journal, clock } = this.#deps
    this.#found.add(channel)
    this.#foundAt = clock.elapsed()
    // A later service finds the same again.
    const found = event('call.recorded-by-pbx', call.id, clock.now(), { when, stopped })
    journal.note(withDeterministicId(found, call.id))
  }
}
