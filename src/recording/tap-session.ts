import { LEGS, type LegIndex } from '../keeper/protocol.js'
import { type AudioBlock, type Leg, SAMPLE_RATE } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import type { PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'
import type { RecordingSigns } from '../shared/ports.js'
import { Hushes } from './hushes.js'
import type { KeeperClient } from './keeper-client.js'
import { LostCount } from './lost-count.js'
import { Pulse } from './pulse.js'
import type { Ending, Recording, Silence } from './recording.js'
import type { Interruption, Tap, TapListener } from './tap.js'
import { TapPbx } from './tap-pbx.js'

/** Index of a leg in a pair of pipes → the leg: `rx` is what the caller says. */
const LEG: readonly [Leg, Leg] = ['caller', 'agent']

/** Asterisk closes its pipes this long after its channel is gone at the latest, ms; usually at once. */
const CLOSE_PATIENCE = 10_000

/**
 * From the end of the pipes to the news of what ended them, ms: the channel's end comes at once, and so does the loss of
 * the PBX, if that was it. A tap that was stopped in a call that goes on ends without any.
 */
const NEWS_PATIENCE = 1_000

/** The pipes ended and the PBX cannot be heard for so long, ms: it takes longer than a restart, so most likely it died. */
const AWAY_PATIENCE = 60_000

const WHOLE: Ending = { state: 'finished' }
/** There may have been more. */
const CUT: Ending = { state: 'truncated' }
/** The PBX ended, with up to a block of each leg in its hands. */
const GONE: Ending = { state: 'truncated', reason: 'tap-gone' }

interface TapSessionStart {
  call: CallId
  recordings: readonly Recording[]
  client: KeeperClient
  clock: Clock
  /** When the PBX was started under which the tap was prepared; undefined if it did not say. */
  pbx: string | undefined
  /** Offsets of the first bytes that will come, of a tap that a service before us began. */
  from?: readonly [number, number]
}

/** One tapped call: its audio goes to every recording of it, and is acknowledged once safe in all of them. */
export class TapSession implements TapListener {
  readonly call: CallId
  readonly recordings: readonly Recording[]
  readonly #client: KeeperClient
  readonly #clock: Clock
  readonly #ends: [number, number]
  /** Where what is kept of each leg ends. */
  readonly #kept: [number, number]
  readonly #hushes: Hushes
  readonly #pulse: Pulse
  readonly #lost: LostCount
  /** The tap may have been started. */
  #tapped: boolean
  readonly #closed: [boolean, boolean] = [false, false]
  #tap: Tap | undefined
  #heard: boolean
  #silence: Silence = 'unused'
  #suspended = false
  readonly #pbx: TapPbx
  #channelGone = false
  /** From then on nothing is kept, ms since the epoch. */
  #endsAt: number | undefined
  /** Settles when every block given so far is safe. */
  #writing: Promise<unknown> = Promise.resolve()
  #finishing: Promise<void> | undefined
  #stopWaiting: () => void = () => {}
  #whenFinished: () => void = () => {}
  readonly #finished = new Promise<void>(resolve => {
    this.#whenFinished = resolve
  })

  constructor({ call, recordings, client, clock, pbx, from }: TapSessionStart) {
    this.call = call
    this.recordings = recordings
    this.#client = client
    this.#clock = clock
    this.#ends = from ? [...from] : [0, 0]
    this.#pbx = new TapPbx(pbx, from !== undefined)
    this.#kept = [...this.#ends]
    this.#heard = this.#ends.some(offset => offset > 0)
    this.#hushes = new Hushes(from ? undefined : clock.now())
    this.#pulse = new Pulse(clock)
    this.#lost = new LostCount(clock, (leg, bytes) => this.#noteGap(LEG[leg], bytes, 'keeper-died'))
    this.#tapped = from !== undefined
  }

  /** Tells the session which tap it listens to. */
  use(tap: Tap): void {
    this.#tap = tap
  }

  /** The path prefix of its pipes. */
  get prefix(): string | undefined {
    return this.#tap?.prefix
  }

  /** Whether anything of the call is being recorded here. */
  get recording(): boolean {
    return this.#endsAt === undefined && this.recordings.some(({ running }) => running)
  }

  /** Length of what is kept of the longer leg, s. */
  get seconds(): number {
    return Math.max(...this.#kept) / SAMPLE_RATE
  }

  block(leg: LegIndex, offset: number, arrivedAt: number, bytes: Buffer): void {
    if (this.#suspended) return
    const end = offset + bytes.length
    this.#heard = true
    this.#ends[leg] = end
    this.#pulse.block(leg, bytes)
    this.#lost.block(leg, bytes.length)
    // The tap is a-law: one byte is one sample.
    const block: AudioBlock = { leg: LEG[leg], sample: offset, arrivedAt, bytes }
    const pieces = this.#hushes.take(leg, block)
    const last = pieces.at(-1)
    if (last) this.#kept[leg] = last.sample + last.bytes.length
    const writes = pieces.flatMap(piece =>
      this.recordings.map(recording => recording.write(piece, this.seconds)),
    )
    const written = Promise.all(writes)
    this.#writing = Promise.all([this.#writing, written])
    void written.then(() => this.#written(leg, end))
    if (this.#endsAt !== undefined && this.#hushes.passed(this.#endsAt)) this.#finish(WHOLE)
  }

  gap(leg: LegIndex, from: number, to: number): void {
    this.#ends[leg] = to
    this.#kept[leg] = to
    this.#noteGap(LEG[leg], to - from, 'overflow')
  }

  end(leg: LegIndex): void {
    this.#closed[leg] = true
    if (!this.#allRead) return
    if (this.#channelGone) this.#finish(WHOLE)
    else this.#clock.after(NEWS_PATIENCE, () => (this.#pbx.away ? this.#outwait() : this.#finish(WHOLE)))
  }

  /** The dialplan has the tap. @param at ms since the epoch */
  handedOver(at: number): void {
    this.#hushes.startsAt(at)
    this.#pulse.restart()
    this.#lost.started()
    this.#tapped = true
  }

  /** How each of its recordings is doing; none before the tap, and none that is over. */
  get signs(): RecordingSigns[] {
    if (!this.#tapped || this.#channelGone) return []
    const { stuckMs, heldBytes } = this.#pulse
    const silent = (leg: LegIndex) => (this.pausedSince === undefined ? this.#pulse.silentMs(leg) : 0)
    const silentMs = { caller: silent(0), agent: silent(1) }
    return this.recordings
      .filter(({ running }) => running)
      .map(({ id }) => ({ recording: id, call: this.call, silentMs, stuckMs, heldBytes }))
  }

  /** When it was paused, ms since the epoch; undefined if it is not. */
  get pausedSince(): number | undefined {
    return this.#hushes.pausedSince
  }

  /** Nothing said from `at` (ms since the epoch) on is kept. Resolves once the journal cannot forget it. */
  async pause(at: number, by: PauseBy): Promise<void> {
    if (this.pausedSince !== undefined) return
    this.#hushes.pause(at)
    const samples = this.#reckon(at)
    await Promise.all(this.recordings.map(recording => recording.notePaused(by, at, samples)))
  }

  /** It was paused before it came here: until then, or it still is. */
  recall(since: number, until?: number): void {
    this.#hushes.pause(since)
    if (until !== undefined) this.#hushes.resume(until)
  }

  resume(at: number, by: PauseBy | 'timeout'): void {
    if (this.pausedSince === undefined) return
    this.#hushes.resume(at)
    this.#pulse.restart()
    const samples = this.#reckon(at)
    for (const recording of this.recordings) recording.noteResumed(by, at, samples)
  }

  /** What was said up to `at` (ms since the epoch) is kept, and nothing of what came later. */
  endAt(at: number): void {
    this.#endsAt ??= at
    this.#hushes.end(at)
  }

  /** Keeps nothing for these purposes: when this returns, their keys are being destroyed. Later audio is thrown away. */
  async withdraw(purposes: readonly Purpose[]): Promise<void> {
    const { seconds } = this
    const withdrawn = this.recordings.filter(({ purpose }) => purposes.includes(purpose))
    await Promise.all(withdrawn.map(recording => recording.withdraw(this.#writing, seconds)))
  }

  #reckon(at: number): Record<Leg, number> {
    const [caller, agent] = ([0, 1] as const).map(leg => this.#hushes.reckon(leg, this.#ends[leg], at))
    return { caller: caller!, agent: agent! }
  }

  /** From now on the pipes may end because the PBX did. */
  pbxLost(): void {
    this.#pbx.lost()
  }

  /** @param started when it was started: another one than before has cut off every channel of the other */
  pbxBack(started: string | undefined): void {
    this.#pbx.back(started)
    if (this.#allRead) this.#finish(this.#pbx.doubtful ? CUT : WHOLE)
  }

  filling(bytes: number): void {
    this.#pulse.filling(bytes)
  }

  interrupted(resumed: boolean, { base, lost }: Interruption): void {
    // How much more the dead keeper had read, or Asterisk could not write meanwhile, the blocks to come will tell.
    for (const leg of LEGS) this.#noteGap(LEG[leg], lost[leg], 'keeper-died')
    this.#lost.interrupted(lost)
    for (const leg of LEGS) void this.#writing.then(() => this.#written(leg, base))
    if (!resumed) this.#finish(CUT)
  }

  #noteGap(leg: Leg, bytes: number, reason: string): void {
    for (const recording of this.recordings) recording.noteGap(leg, bytes, reason)
  }

  /** Whether its pipes are in their place and nothing has come through them. */
  async isUnused(): Promise<boolean> {
    return !this.#heard && (await this.#tap?.inPlace()) === true
  }

  /** The channel is gone: resolves once what is still in the pipes is recorded and the recordings are finished. */
  async channelGone(): Promise<void> {
    if (!this.#heard && this.#tap && !(await this.#tap.inPlace())) this.#silence = 'tap-lost'
    this.#channelGone = true
    if (this.#tap) this.#client.gone(this.#tap)
    if (this.#allRead) this.#finish(WHOLE)
    const cancel = this.#clock.after(CLOSE_PATIENCE, () => this.#finish(CUT))
    await this.#finished
    cancel()
  }

  /** The call will not be tapped after all. */
  async cancel(reason: string): Promise<void> {
    if (this.#tap) this.#client.gone(this.#tap)
    await Promise.all(this.recordings.map(recording => recording.cancel(reason)))
  }

  /** The service stops: what came is made safe, what comes now is a successor's. */
  async suspend(): Promise<void> {
    this.#suspended = true
    this.#lost.conclude()
    this.#stopWaiting()
    await this.#writing
    await Promise.all(this.recordings.map(recording => recording.suspend()))
    this.#whenFinished()
  }

  /** The PBX may be away for long. */
  #outwait(): void {
    if (this.#suspended || this.#finishing) return
    this.#stopWaiting = this.#clock.after(AWAY_PATIENCE, () => this.#finish(GONE))
  }

  /** Acknowledges what was written up to here, once the journal durably knows where it is or why it is missing. */
  async #written(leg: LegIndex, end: number): Promise<void> {
    this.#pulse.safe()
    await Promise.all(this.recordings.map(recording => recording.accounted()))
    if (this.#tap) this.#client.ack(this.#tap, leg, end)
  }

  get #allRead(): boolean {
    return this.#closed.every(Boolean)
  }

  #finish(ending: Ending): void {
    this.#stopWaiting()
    if (!this.#suspended) this.#finishing ??= this.#finishAll(this.#pbx.died ? GONE : ending)
  }

  async #finishAll(ending: Ending): Promise<void> {
    this.#lost.conclude()
    await this.#writing
    await Promise.all(this.recordings.map(recording => recording.finish(ending, this.seconds, this.#silence)))
    this.#whenFinished()
  }
}
