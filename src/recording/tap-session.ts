import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE, sampleBytes } from '../shared/audio.js'
import type { Clock } from '../shared/clock.js'
import type { PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'
import type { RecordingSigns } from '../shared/ports.js'
import type { Interruption, TapHandle, TapListener } from '../tap/tap-handle.js'
import { AudioWriter } from './audio-writer.js'
import { KeeperLoss } from './keeper-loss.js'
import { PbxIncarnation } from './pbx-incarnation.js'
import type { EmptyTapReason, Ending, Recording } from './recording.js'
import { Redaction } from './redaction.js'
import { TapActivity } from './tap-activity.js'

/** Longest time until Asterisk closes the pipes of a channel that is gone, ms. It usually does so at once. */
const CLOSE_TIMEOUT = 10_000

/**
 * Longest time from the end of the pipes to the event that explains it, ms: the end of the channel, or the loss of the PBX.
 * Without such an event, the dialplan stopped the tap and the call goes on.
 */
const CAUSE_TIMEOUT = 1_000

/** How long the PBX may be unreachable after the pipes ended until it counts as dead, ms. A restart is faster. */
const PBX_TIMEOUT = 60_000

const FINISHED: Ending = { state: 'finished' }
/** Audio may be missing at the end. */
const TRUNCATED: Ending = { state: 'truncated' }
/** The PBX died and lost up to one block of each leg. */
const TAP_GONE: Ending = { state: 'truncated', reason: 'tap-gone' }

interface TapSessionStart {
  call: CallId
  recordings: readonly Recording[]
  clock: Clock
  /** Start time of the PBX under which the tap was prepared; undefined if unknown. */
  pbx: string | undefined
  /** First sample of each leg, for a recovered tap. */
  from?: Readonly<Record<Leg, number>>
}

/** One tapped call. Its audio goes to all its recordings, and is acknowledged once each has stored it durably or has failed. */
export class TapSession implements TapListener {
  readonly call: CallId
  readonly recordings: readonly Recording[]
  readonly #clock: Clock
  readonly #ends: Record<Leg, number>
  /** Position after the last sample of each leg that is kept. */
  readonly #keptEnds: Record<Leg, number>
  readonly #redaction: Redaction
  readonly #activity: TapActivity
  readonly #keeperLoss: KeeperLoss
  readonly #writer: AudioWriter
  /** The dialplan has the tap and may have started it. */
  #handedOver: boolean
  readonly #endedLegs = new Set<Leg>()
  #tap: TapHandle | undefined
  #hasAudio: boolean
  #emptyReason: EmptyTapReason = 'unused'
  #suspended = false
  readonly #pbx: PbxIncarnation
  #channelGone = false
  /** No audio after this moment is kept, ms since the epoch. */
  #endsAt: number | undefined
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
    const settled = (leg: Leg, end: number) => this.#tap?.acknowledge(leg, end)
    this.#writer = new AudioWriter(recordings, this.#activity, settled)
  }

  /** Sets the tap whose audio the session receives. */
  useTap(tap: TapHandle): void {
    this.#tap = tap
  }

  /** Reference of the tap, for the dialplan. */
  get reference(): string | undefined {
    return this.#tap?.reference
  }

  /** Whether audio has come through the tap. */
  get hasAudio(): boolean {
    return this.#hasAudio
  }

  /** Whether the session still records. */
  get recording(): boolean {
    return this.#endsAt === undefined && this.recordings.some(({ running }) => running)
  }

  /** Length of the longer leg up to its last kept sample, s. */
  get seconds(): number {
    return Math.max(this.#keptEnds.caller, this.#keptEnds.agent) / SAMPLE_RATE
  }

  block(block: AudioBlock): void {
    if (this.#suspended) return
    const { leg } = block
    const samples = block.bytes.length / this.#bytesPerSample
    const end = block.sample + samples
    this.#hasAudio = true
    this.#ends[leg] = end
    this.#activity.block(leg, block.bytes)
    this.#keeperLoss.block(leg, samples)
    const pieces = this.#redaction.cut(block)
    const last = pieces.at(-1)
    if (last) this.#keptEnds[leg] = last.sample + last.bytes.length / this.#bytesPerSample
    this.#writer.write(pieces, this.seconds)
    this.#writer.settle(leg, end)
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
    const explained = () => (this.#pbx.unreachable ? this.#waitForPbx() : this.#finish(FINISHED))
    if (this.#channelGone) this.#finish(FINISHED)
    else this.#clock.after(CAUSE_TIMEOUT, explained)
  }

  /** Call this when the dialplan has the tap. @param at ms since the epoch */
  handedOver(at: number): void {
    this.#redaction.startsAt(at)
    this.#activity.restartSilence()
    this.#keeperLoss.started()
    this.#handedOver = true
  }

  /** State of each running recording; empty before the dialplan has the tap and after the channel is gone. */
  get signs(): RecordingSigns[] {
    if (!this.#handedOver || this.#channelGone) return []
    const { stuckMs, heldBytes } = this.#activity
    const silent = (leg: Leg) => (this.pausedSince === undefined ? this.#activity.silentMs(leg) : 0)
    const silentMs = { caller: silent('caller'), agent: silent('agent') }
    return this.recordings
      .filter(({ running }) => running)
      .map(({ id }) => ({ recording: id, call: this.call, silentMs, stuckMs, heldBytes }))
  }

  /** When the current pause began, ms since the epoch; undefined without one. */
  get pausedSince(): number | undefined {
    return this.#redaction.pausedSince
  }

  /** Who began the current pause; undefined without one. */
  get pausedBy(): PauseBy | undefined {
    return this.#redaction.pausedBy
  }

  /** Keeps no audio from `at` (ms since the epoch) on. Resolves once the pause is journalled durably. */
  async pause(at: number, by: PauseBy): Promise<void> {
    if (this.pausedSince !== undefined) return
    this.#redaction.pause(at, by)
    const samples = this.#positionsAt(at)
    await Promise.all(this.recordings.map(recording => recording.notePaused(by, at, samples)))
  }

  /** Applies a pause of an earlier service. Without `until`, the pause lasts. */
  recoverPause(since: number, by: PauseBy, until?: number): void {
    this.#redaction.pause(since, by)
    if (until !== undefined) this.#redaction.resume(until)
  }

  resume(at: number, by: PauseBy | 'timeout'): void {
    if (this.pausedSince === undefined) return
    this.#redaction.resume(at)
    this.#activity.restartSilence()
    const samples = this.#positionsAt(at)
    for (const recording of this.recordings) recording.noteResumed(by, at, samples)
  }

  /** Keeps no audio after `at` (ms since the epoch). */
  endAt(at: number): void {
    this.#endsAt ??= at
    this.#redaction.keepNothingAfter(at)
  }

  /** Ends the recordings for these purposes. When this returns, their keys are being destroyed. */
  async withdraw(purposes: readonly Purpose[]): Promise<void> {
    const { seconds } = this
    const withdrawn = this.recordings.filter(({ purpose }) => purposes.includes(purpose))
    await Promise.all(withdrawn.map(recording => recording.withdraw(this.#writer.written, seconds)))
  }

  #positionsAt(at: number): Record<Leg, number> {
    const reckon = (leg: Leg) => this.#redaction.estimatePosition(leg, this.#ends[leg], at)
    return { caller: reckon('caller'), agent: reckon('agent') }
  }

  /** The PBX is unreachable, so that the pipes may end because it died. */
  pbxLost(): void {
    this.#pbx.connectionLost()
  }

  /** @param started start time of the PBX; a new one means that the PBX before it died with its channels */
  pbxBack(started: string | undefined): void {
    this.#pbx.connectionBack(started)
    if (this.#bothLegsEnded) this.#finish(this.#pbx.uncertain ? TRUNCATED : FINISHED)
  }

  filling(bytes: number): void {
    this.#activity.filling(bytes)
  }

  interrupted(continued: boolean, { sample, lost }: Interruption): void {
    // The next blocks show how much more was lost: audio in the dead keeper, or audio that Asterisk could not write.
    for (const leg of LEGS) this.#noteGap(leg, lost[leg], 'keeper-died')
    this.#keeperLoss.keeperDied(lost)
    for (const leg of LEGS) this.#writer.settle(leg, sample)
    if (!continued) this.#finish(TRUNCATED)
  }

  get #bytesPerSample(): number {
    return sampleBytes(this.#tap?.codec ?? 'alaw')
  }

  #noteGap(leg: Leg, samples: number, reason: string): void {
    const bytes = samples * this.#bytesPerSample
    for (const recording of this.recordings) recording.noteGap(leg, bytes, reason)
  }

  /** @returns whether the dialplan can find the tap and no audio has come */
  async isUnused(): Promise<boolean> {
    return !this.#hasAudio && (await this.#tap?.exists()) === true
  }

  /** Call this when the channel is gone. Resolves once the rest of the audio is recorded and the recordings are ended. */
  async channelGone(): Promise<void> {
    if (!this.#hasAudio && this.#tap && !(await this.#tap.exists())) this.#emptyReason = 'tap-lost'
    this.#channelGone = true
    this.#tap?.end()
    if (this.#bothLegsEnded) this.#finish(FINISHED)
    const cancel = this.#clock.after(CLOSE_TIMEOUT, () => this.#finish(TRUNCATED))
    await this.#finished
    cancel()
  }

  /** Ends tap and recordings of a call that will not be tapped. */
  async cancel(reason: string): Promise<void> {
    this.#tap?.end()
    await Promise.all(this.recordings.map(recording => recording.cancel(reason)))
  }

  /** Stops receiving because the service stops. Audio so far is made durable; the next service receives the rest. */
  async suspend(): Promise<void> {
    this.#suspended = true
    this.#keeperLoss.estimateNow()
    this.#cancelPbxTimeout()
    await this.#writer.written
    await Promise.all(this.recordings.map(recording => recording.suspend()))
    this.#resolveFinished()
  }

  #waitForPbx(): void {
    if (this.#suspended || this.#finishing) return
    this.#cancelPbxTimeout = this.#clock.after(PBX_TIMEOUT, () => this.#finish(TAP_GONE))
  }

  get #bothLegsEnded(): boolean {
    return LEGS.every(leg => this.#endedLegs.has(leg))
  }

  #finish(ending: Ending): void {
    this.#cancelPbxTimeout()
    if (!this.#suspended) this.#finishing ??= this.#finishAll(this.#pbx.died ? TAP_GONE : ending)
  }

  async #finishAll(ending: Ending): Promise<void> {
    this.#keeperLoss.estimateNow()
    await this.#writer.written
    await Promise.all(
      this.recordings.map(recording => recording.finish(ending, this.seconds, this.#emptyReason)),
    )
    this.#resolveFinished()
  }
}
