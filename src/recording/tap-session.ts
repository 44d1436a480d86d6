import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE, sampleBytes } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import type { PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'
import type { RecordingSigns } from '../shared/ports.js'
import type { Interruption, TapHandle, TapListener } from '../tap/tap-handle.js'
import { KeeperLoss } from './keeper-loss.js'
import { PbxIncarnation } from './pbx-incarnation.js'
import type { EmptyTapReason, Ending, Recording } from './recording.js'
import { Redaction } from './redaction.js'
import { TapActivity } from './tap-activity.js'

/** Asterisk closes its pipes this long after its channel is gone at the latest, ms; usually at once. */
const CLOSE_TIMEOUT = 10_000

/**
 * From the end of the pipes to the news of what ended them, ms: the channel's end comes at once, and so does the loss of
 * the PBX, if that was it. A tap that was stopped in a call that goes on ends without any.
 */
const CAUSE_TIMEOUT = 1_000

/** The pipes ended and the PBX cannot be heard for so long, ms: it takes longer than a restart, so most likely it died. */
const PBX_TIMEOUT = 60_000

const FINISHED: Ending = { state: 'finished' }
/** There may have been more. */
const TRUNCATED: Ending = { state: 'truncated' }
/** The PBX ended, with up to a block of each leg in its hands. */
const TAP_GONE: Ending = { state: 'truncated', reason: 'tap-gone' }

interface TapSessionStart {
  call: CallId
  recordings: readonly Recording[]
  clock: Clock
  /** When the PBX was started under which the tap was prepared; undefined if it did not say. */
  pbx: string | undefined
  /** The first samples that will come, of a tap that a service before us began. */
  from?: Readonly<Record<Leg, number>>
}

/** One tapped call: its audio goes to every recording of it, and is acknowledged once safe in all of them. */
export class TapSession implements TapListener {
  readonly call: CallId
  readonly recordings: readonly Recording[]
  readonly #clock: Clock
  readonly #ends: Record<Leg, number>
  /** Where what is kept of each leg ends. */
  readonly #keptEnds: Record<Leg, number>
  readonly #redaction: Redaction
  readonly #activity: TapActivity
  readonly #keeperLoss: KeeperLoss
  /** The tap may have been started. */
  #handedOver: boolean
  readonly #endedLegs = new Set<Leg>()
  #tap: TapHandle | undefined
  #hasAudio: boolean
  #emptyReason: EmptyTapReason = 'unused'
  #suspended = false
  readonly #pbx: PbxIncarnation
  #channelGone = false
  /** From then on nothing is kept, ms since the epoch. */
  #endsAt: number | undefined
  /** Settles when every block given so far is safe. */
  #writing: Promise<unknown> = Promise.resolve()
  #finishing: Promise<void> | undefined
  #cancelPbxTimeout: () => void = () => {}
  #resolveFinished: () => void = () => {}
  readonly #finished = new Promise<void>(resolve => {
    this.#resolveFinished = resolve
  })

  constructor({ call, recordings, clock, pbx, from }: TapSessionStart) {
    this.call = call
    this.recordings = recordings
    this.#clock = clock
    this.#ends = from ? { ...from } : { caller: 0, agent: 0 }
    this.#pbx = new PbxIncarnation(pbx, from !== undefined)
    this.#keptEnds = { ...this.#ends }
    this.#hasAudio = LEGS.some(leg => this.#ends[leg] > 0)
    this.#redaction = new Redaction(from ? undefined : clock.now())
    this.#activity = new TapActivity(clock)
    this.#keeperLoss = new KeeperLoss(clock, (leg, samples) => this.#noteGap(leg, samples, 'keeper-died'))
    this.#handedOver = from !== undefined
  }

  /** Tells the session which tap it listens to. */
  useTap(tap: TapHandle): void {
    this.#tap = tap
  }

  /** What the dialplan starts its tap by. */
  get reference(): string | undefined {
    return this.#tap?.reference
  }

  /** Whether anything of the call is being recorded here. */
  get recording(): boolean {
    return this.#endsAt === undefined && this.recordings.some(({ running }) => running)
  }

  /** Length of what is kept of the longer leg, s. */
  get seconds(): number {
    return Math.max(this.#keptEnds.caller, this.#keptEnds.agent) / SAMPLE_RATE
  }

  block(block: AudioBlock): void {
    if (this.#suspended) return
    const { leg } = block
    const samples = this.#samplesIn(block)
    const end = block.sample + samples
    this.#hasAudio = true
    this.#ends[leg] = end
    this.#activity.block(leg, block.bytes)
    this.#keeperLoss.block(leg, samples)
    const pieces = this.#redaction.cut(block)
    const last = pieces.at(-1)
    if (last) this.#keptEnds[leg] = last.sample + this.#samplesIn(last)
    const writes = pieces.flatMap(piece =>
      this.recordings.map(recording => recording.write(piece, this.seconds)),
    )
    const written = Promise.all(writes)
    this.#writing = Promise.all([this.#writing, written])
    void written.then(() => this.#acknowledge(leg, end))
    if (this.#endsAt !== undefined && this.#redaction.hasPassed(this.#endsAt)) this.#finish(FINISHED)
  }

  gap(leg: Leg, from: number, to: number): void {
    this.#ends[leg] = to
    this.#keptEnds[leg] = to
    this.#noteGap(leg, to - from, 'overflow')
  }

  end(leg: Leg): void {
    this.#endedLegs.add(leg)
    if (!this.#bothLegsEnded) return
    if (this.#channelGone) this.#finish(FINISHED)
    else
      this.#clock.after(CAUSE_TIMEOUT, () => (this.#pbx.away ? this.#waitForPbx() : this.#finish(FINISHED)))
  }

  /** The dialplan has the tap. @param at ms since the epoch */
  handedOver(at: number): void {
    this.#redaction.startsAt(at)
    this.#activity.restartSilence()
    this.#handedOver = true
  }

  /** How each of its recordings is doing; none before the tap, and none that is over. */
  get signs(): RecordingSigns[] {
    if (!this.#handedOver || this.#channelGone) return []
    const { stuckMs, heldBytes } = this.#activity
    const silent = (leg: Leg) => (this.pausedSince === undefined ? this.#activity.silentMs(leg) : 0)
    const silentMs = { caller: silent('caller'), agent: silent('agent') }
    return this.recordings
      .filter(({ running }) => running)
      .map(({ id }) => ({ recording: id, call: this.call, silentMs, stuckMs, heldBytes }))
  }

  /** When it was paused, ms since the epoch; undefined if it is not. */
  get pausedSince(): number | undefined {
    return this.#redaction.pausedSince
  }

  /** Nothing said from `at` (ms since the epoch) on is kept. Resolves once the journal cannot forget it. */
  async pause(at: number, by: PauseBy): Promise<void> {
    if (this.pausedSince !== undefined) return
    this.#redaction.pause(at)
    const samples = this.#positionsAt(at)
    await Promise.all(this.recordings.map(recording => recording.notePaused(by, at, samples)))
  }

  /** It was paused before it came here: until then, or it still is. */
  recoverPause(since: number, until?: number): void {
    this.#redaction.pause(since)
    if (until !== undefined) this.#redaction.resume(until)
  }

  resume(at: number, by: PauseBy | 'timeout'): void {
    if (this.pausedSince === undefined) return
    this.#redaction.resume(at)
    this.#activity.restartSilence()
    const samples = this.#positionsAt(at)
    for (const recording of this.recordings) recording.noteResumed(by, at, samples)
  }

  /** What was said up to `at` (ms since the epoch) is kept, and nothing of what came later. */
  endAt(at: number): void {
    this.#endsAt ??= at
    this.#redaction.keepNothingAfter(at)
  }

  /** Keeps nothing for these purposes: when this returns, their keys are being destroyed. Later audio is thrown away. */
  async withdraw(purposes: readonly Purpose[]): Promise<void> {
    const { seconds } = this
    const withdrawn = this.recordings.filter(({ purpose }) => purposes.includes(purpose))
    await Promise.all(withdrawn.map(recording => recording.withdraw(this.#writing, seconds)))
  }

  #positionsAt(at: number): Record<Leg, number> {
    const reckon = (leg: Leg) => this.#redaction.estimatePosition(leg, this.#ends[leg], at)
    return { caller: reckon('caller'), agent: reckon('agent') }
  }

  /** From now on the pipes may end because the PBX did. */
  pbxLost(): void {
    this.#pbx.connectionLost()
  }

  /** @param started when it was started: another one than before has cut off every channel of the other */
  pbxBack(started: string | undefined): void {
    this.#pbx.connectionBack(started)
    if (this.#bothLegsEnded) this.#finish(this.#pbx.uncertain ? TRUNCATED : FINISHED)
  }

  filling(bytes: number): void {
    this.#activity.filling(bytes)
  }

  interrupted(continued: boolean, { sample, lost }: Interruption): void {
    // The blocks to come tell how much more the dead process had read, or Asterisk could not write meanwhile.
    for (const leg of LEGS) this.#noteGap(leg, lost[leg], 'keeper-died')
    this.#keeperLoss.keeperDied(lost)
    for (const leg of LEGS) void this.#writing.then(() => this.#acknowledge(leg, sample))
    if (!continued) this.#finish(TRUNCATED)
  }

  #samplesIn({ bytes }: AudioBlock): number {
    return bytes.length / sampleBytes(this.#tap?.codec ?? 'alaw')
  }

  #noteGap(leg: Leg, samples: number, reason: string): void {
    const bytes = samples * sampleBytes(this.#tap?.codec ?? 'alaw')
    for (const recording of this.recordings) recording.noteGap(leg, bytes, reason)
  }

  /** Whether its pipes are in their place and nothing has come through them. */
  async isUnused(): Promise<boolean> {
    return !this.#hasAudio && (await this.#tap?.exists()) === true
  }

  /** The channel is gone: resolves once what is still in the pipes is recorded and the recordings are finished. */
  async channelGone(): Promise<void> {
    if (!this.#hasAudio && this.#tap && !(await this.#tap.exists())) this.#emptyReason = 'tap-lost'
    this.#channelGone = true
    this.#tap?.end()
    if (this.#bothLegsEnded) this.#finish(FINISHED)
    const cancel = this.#clock.after(CLOSE_TIMEOUT, () => this.#finish(TRUNCATED))
    await this.#finished
    cancel()
  }

  /** The call will not be tapped after all. */
  async cancel(reason: string): Promise<void> {
    this.#tap?.end()
    await Promise.all(this.recordings.map(recording => recording.cancel(reason)))
  }

  /** The service stops: what came is made safe, what comes now is a successor's. */
  async suspend(): Promise<void> {
    this.#suspended = true
    this.#keeperLoss.countNow()
    this.#cancelPbxTimeout()
    await this.#writing
    await Promise.all(this.recordings.map(recording => recording.suspend()))
    this.#resolveFinished()
  }

  /** The PBX may be away for long. */
  #waitForPbx(): void {
    if (this.#suspended || this.#finishing) return
    this.#cancelPbxTimeout = this.#clock.after(PBX_TIMEOUT, () => this.#finish(TAP_GONE))
  }

  /** Acknowledges what was written up to here, once the journal durably knows where it is or why it is missing. */
  async #acknowledge(leg: Leg, end: number): Promise<void> {
    this.#activity.blockWritten()
    await Promise.all(this.recordings.map(recording => recording.durablyJournalled()))
    this.#tap?.acknowledge(leg, end)
  }

  get #bothLegsEnded(): boolean {
    return LEGS.every(leg => this.#endedLegs.has(leg))
  }

  #finish(ending: Ending): void {
    this.#cancelPbxTimeout()
    if (!this.#suspended) this.#finishing ??= this.#finishAll(this.#pbx.died ? TAP_GONE : ending)
  }

  async #finishAll(ending: Ending): Promise<void> {
    this.#keeperLoss.countNow()
    await this.#writing
    await Promise.all(
      this.recordings.map(recording => recording.finish(ending, this.seconds, this.#emptyReason)),
    )
    this.#resolveFinished()
  }
}
