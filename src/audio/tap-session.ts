import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import type { CallId } from '../core/ids.js'
import type { MissingAudio } from '../core/missing-audio.js'
import type { Purpose } from '../core/policy.js'
import type { RecordingSigns, Silenced, TapOrders, TapStart } from '../core/ports.js'
import type { Log } from '../lib/log.js'
import { Acknowledger } from './acknowledger.js'
import { KeeperLoss } from './keeper-loss.js'
import { LegLoss } from './leg-loss.js'
import type { EmptyTapReason, Ending, Recording } from './recording.js'
import type { Redaction } from './redaction.js'
import type { Interruption, SessionTap, TapListener } from './tap/tap.js'
import { TapActivity } from './tap-activity.js'
import { FINISHED, KEEPER_DIED, PbxIncarnation, TAP_LATE, TapEnd, type TapLoss } from './tap-end.js'
import { TapPauses } from './tap-pauses.js'

/** Longest time until Asterisk closes the pipes of a channel that is gone, ms. It usually does so at once. */
const CLOSE_TIMEOUT = 10_000
/**
 * Time from the end of the channel to the end of its pipes, ms. It is usually a few milliseconds. Pipes that stay open
 * for longer have audio of another phone, which has replaced the channel in the PBX by an INVITE with Replaces.
 */
const PIPES_END_MS = 1_000
/** Time from the end of the channel to its last audio in that case, ms: Asterisk writes full blocks of 4.1 s. */
const LAST_AUDIO_MS = 5_000

/** One tapped call. Its audio goes to all its recordings, and is acknowledged once each has stored it or has failed. */
export class TapSession implements TapListener {
  readonly call: CallId
  readonly recordings: readonly Recording[]
  readonly #clock: Clock
  readonly #ends: Record<Leg, number>
  readonly #kept: ReadonlyMap<Recording, KeptAudio>
  /** When the dialplan got the tap, or this service recovered it, ms since the epoch. Audio comes after that. */
  #began: number
  /** When the channel ended, ms since the epoch; undefined before that, or if it is unknown. */
  #goneAt: number | undefined
  readonly pauses: TapPauses
  readonly #activity: TapActivity
  readonly #keeperLoss: KeeperLoss
  readonly losses = new TapLosses((leg, samples) => this.#noteGap(leg, samples, 'leg-lost'))
  readonly #acknowledger: Acknowledger
  /** The dialplan has the tap and may have started it. */
  #handedOver: boolean
  #tap: SessionTap | undefined
  #hasAudio: boolean
  #emptyReason: EmptyTapReason = 'unused'
  #suspended = false
  readonly #end: TapEnd
  #orders: () => TapOrders | undefined = () => undefined
  /** No audio after this moment is kept, ms since the epoch. */
  #endsAt: number | undefined
  /** Cuts audio after the end of the channel if the pipes ended too late. @returns whether they did */
  #cutLate = () => false
  #resolveFinished: () => void = () => {}
  readonly #finished = new Promise<void>(resolve => {
    this.#resolveFinished = resolve
  })

  constructor({ call, recordings, clock, log, pbx, from, caughtUp }: TapSessionStart) {
    this.call = call
    this.recordings = recordings
    this.#clock = clock
    this.#ends = from ? { ...from } : { caller: 0, agent: 0 }
    this.#end = new TapEnd({
      ...{ clock, log, pbx: new PbxIncarnation(pbx, from !== undefined) },
      orders: () => this.#orders(),
      recording: () => this.recording,
      onGap: (lost, reason) => {
        const note = (leg: Leg) => this.#noteGap(leg, this.losses.around(leg, lost), reason)
        this.pauses.gate.inOrder(() => LEGS.forEach(note))
      },
      onStarted: moment => this.pauses.tapBeganAgain(moment),
      onEnd: ending => void this.#finishAll(ending),
    })
    this.#kept = new Map(recordings.map(one => [one, new KeptAudio(this.#ends)]))
    this.#began = clock.now()
    this.#hasAudio = LEGS.some(leg => this.#ends[leg] > 0)
    this.#activity = new TapActivity(clock)
    const recovered = from !== undefined
    const about = { recordings, activity: this.#activity, clock, ends: this.#ends }
    this.pauses = new TapPauses({ ...about, recovered, caughtUp })
    this.#keeperLoss = new KeeperLoss(clock, (leg, samples) => this.#noteGap(leg, samples, 'keeper-died'))
    this.#handedOver = recovered
    this.#acknowledger = new Acknowledger(recordings, (leg, end) => this.#tap?.acknowledge(leg, end))
  }

  /** Sets the tap whose audio the session receives. */
  useTap(tap: SessionTap): void {
    this.#tap = tap
    this.#end.useTap(tap)
  }

  /** Sets how the session gets the orders to stop and start the tap. */
  useOrders(orders: () => TapOrders | undefined): void {
    this.#orders = orders
  }

  /** Has the PBX stop the tap. @returns whether it has stopped, so that `startTap` must follow */
  async stopTap(orders: TapOrders): Promise<boolean> {
    return this.#handedOver && this.recording && (await this.#end.stop(orders))
  }

  /** Has the PBX start the tap again that `stopTap` has stopped. @param silenced as for `restartTaps` */
  async startTap(orders: TapOrders, silenced: Silenced): Promise<TapStart> {
    const outcome = await this.#end.start(orders, 'tap-restarted', silenced)
    if (outcome !== 'started') this.#end.notStarted(outcome)
    return outcome
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

  /** Length of the longer leg of a recording up to its last kept sample, s. */
  secondsOf(recording: Recording): number {
    return this.#kept.get(recording)!.seconds
  }

  block(block: AudioBlock): void {
    if (this.#suspended) return
    const samples = block.bytes.length // A tap is in a-law: one byte is one sample.
    this.#hasAudio = true
    this.#keeperLoss.block(block.leg, samples)
    this.pauses.gate.block(block, samples, passed => this.#record(passed, samples))
  }

  #record(block: AudioBlock, samples: number): void {
    if (this.#suspended) return
    const [leg, end] = [block.leg, block.sample + samples]
    this.#ends[leg] = end
    this.#activity.block(leg, block.bytes)
    let kept: readonly AudioBlock[] = []
    for (const recording of this.recordings) {
      const pieces = this.pauses.of(recording).redaction.cut(block)
      for (const piece of pieces) {
        this.#kept.get(recording)!.piece(leg, piece.sample, piece.bytes.length)
        void recording.write(piece)
      }
      if (recording.running && pieces.length > 0) kept = pieces
    }
    for (const piece of kept) this.losses[leg].samples(piece)
    void this.#acknowledger.settle(leg, end).then(() => this.#activity.blockWritten())
    if (this.#endsAt !== undefined && this.pauses.hasPassed(this.#endsAt)) this.#end.end(FINISHED)
  }

  gap(leg: Leg, from: number, to: number): void {
    this.pauses.gate.inOrder(() => {
      this.#ends[leg] = to
      for (const kept of this.#kept.values()) kept.skip(leg, to)
      this.#noteGap(leg, to - from, 'overflow')
    })
  }

  end(leg: Leg): void {
    this.#end.legEnded(leg)
  }

  /** Call this when the dialplan has the tap. @param at ms since the epoch */
  handedOver(at: number): void {
    this.#began = at
    this.pauses.startsAt(at)
    this.#activity.restartSilence()
    this.#keeperLoss.started()
    this.#handedOver = true
  }

  /** State of each running recording; empty before the dialplan has the tap and after the channel is gone. */
  get signs(): RecordingSigns[] {
    if (!this.#handedOver || this.#end.channelGone) return []
    return this.recordings
      .filter(({ running }) => running)
      .map(recording => ({
        ...{ recording: recording.id, call: this.call, stops: this.#end.stops },
        ...this.#activity.signs(this.pauses.gate.holds, this.pauses.of(recording).redaction),
      }))
  }

  /** Keeps no audio after `at` (ms since the epoch), and none that is held: ended recordings are not reconciled. */
  endAt(at: number): void {
    this.pauses.leaveOutHeld(at, 'party')
    this.#endsAt ??= at
    this.pauses.keepNothingAfter(at)
  }

  /** Ends the recordings for these purposes. When this returns, their keys are being destroyed. */
  async withdraw(purposes: readonly Purpose[]): Promise<void> {
    const withdrawn = this.recordings.filter(({ purpose }) => purposes.includes(purpose))
    await Promise.all(withdrawn.map(one => one.withdraw(this.secondsOf(one))))
  }

  /** The PBX is unreachable, so that the pipes may end because it died. */
  pbxLost(): void {
    this.#end.pbxLost()
  }

  /** @param started start time of the PBX; a new one means that the PBX before it died with its channels */
  pbxBack(started: string | undefined): void {
    this.#end.pbxBack(started)
  }

  filling(bytes: number): void {
    this.#activity.filling(bytes)
  }

  interrupted(continued: boolean, { sample, lost }: Interruption): void {
    // The next blocks show how much more was lost: audio in the dead keeper, or audio that Asterisk could not write.
    for (const leg of LEGS) this.#noteGap(leg, lost[leg], 'keeper-died')
    this.#keeperLoss.keeperDied(lost)
    this.pauses.gate.inOrder(() => LEGS.forEach(leg => void this.#acknowledger.settle(leg, sample)))
    if (!continued) this.#end.end(KEEPER_DIED)
  }

  #noteGap(leg: Leg, samples: number, reason: string): void {
    for (const recording of this.recordings) {
      this.#kept.get(recording)!.gap(leg, samples, reason)
      recording.noteGap(leg, samples, reason)
    }
  }

  /** @returns whether the dialplan can find the tap and no audio has come */
  async isUnused(): Promise<boolean> {
    return !this.#hasAudio && (await this.#tap?.exists()) === true
  }

  /**
   * Call this when the channel is gone. Resolves once the rest of the audio is recorded and the recordings are ended.
   *
   * @param at when the channel ended, ms since the epoch; undefined if unknown
   */
  async channelGone(at?: number): Promise<void> {
    if (!this.#hasAudio && this.#tap && !(await this.#tap.exists())) this.#emptyReason = 'tap-lost'
    const { gate } = this.pauses
    gate.release()
    this.#goneAt = at
    if (at !== undefined) {
      gate.holdAtEnd(at)
      const since = this.#clock.elapsed()
      this.#cutLate = () => {
        const late = this.#clock.elapsed() - since > PIPES_END_MS
        if (late) this.pauses.keepNothingAfter(at)
        return late
      }
    }
    this.#tap?.end()
    this.#end.gone()
    const limit = at === undefined ? CLOSE_TIMEOUT : LAST_AUDIO_MS
    const cancel = this.#clock.after(limit, () => this.#end.end(TAP_LATE))
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
    this.losses.note(true)
    this.#keeperLoss.estimateNow()
    this.#end.close()
    this.#acknowledger.close()
    await Promise.all(this.recordings.map(recording => recording.suspend()))
    this.#resolveFinished()
  }

  async #finishAll(reported: Ending): Promise<void> {
    const ending = this.#cutLate() && reported.state === 'finished' ? TAP_LATE : reported
    this.pauses.gate.release()
    this.losses.note(true)
    this.#keeperLoss.estimateNow()
    const ended = this.#endsAt ?? this.#goneAt ?? this.#clock.now()
    await Promise.all(this.recordings.map(recording => this.#finish(recording, ending, ended)))
    this.#resolveFinished()
  }

  /** Ends a recording once its own audio is written, so that a store that hangs delays no recording in another one. */
  async #finish(recording: Recording, ending: Ending, ended: number): Promise<void> {
    await recording.written
    const { redaction } = this.pauses.of(recording)
    const missing = this.#kept.get(recording)!.missing(this.#began, ended, redaction)
    await recording.finish(ending, this.secondsOf(recording), this.#emptyReason, missing)
  }
}

/** The initial data of a tap session. */
interface TapSessionStart {
  call: CallId
  recordings: readonly Recording[]
  clock: Clock
  log: Log
  /** Start time of the PBX under which the tap was prepared; undefined if unknown. */
  pbx: string | undefined
  /** First sample of each leg, for a recovered tap. */
  from?: Readonly<Record<Leg, number>>
  /** As `RecorderDeps.caughtUp`. */
  caughtUp?: (() => Promise<void>) | undefined
}

/** The gaps of the legs of one tap, see `LegLoss`. */
export class TapLosses {
  readonly caller = new LegLoss()
  readonly agent = new LegLoss()

  /**
   * @param onLost gets a gap of a leg, samples
   */
  constructor(private readonly onLost: (leg: Leg, samples: number) => void) {}

  /** Gap of a leg around a restart of the tap, samples. Before the stop, it is no longer than the leg was silent. */
  around(leg: Leg, { ms, silencedMs }: TapLoss): number {
    const { from = 0, to = 0 } = this[leg].quiet ?? {}
    return Math.round(((ms + Math.min(silencedMs[leg], to - from)) * SAMPLE_RATE) / 1_000)
  }

  /** Reports gaps that were not reported before. @param ended whether no more samples come */
  note(ended = false): void {
    for (const leg of LEGS) {
      const samples = this[leg].take(ended)
      if (samples > 0) this.onLost(leg, samples)
    }
  }
}

/** Least share of the time without pauses that a recording must contain. */
const LEAST_SHARE = 0.95
/**
 * How much may be missing of any recording, ms: the time until the dialplan has started the tap, audio that Asterisk
 * had not written when the call ended, and audio that is cut beyond the margins of pauses because positions are known
 * only within bounds.
 */
const TOLERANCE_MS = 2_000

/** Counts how much of one recording is kept, in samples, and its known gaps. */
export class KeptAudio {
  /** Position after the last sample of each leg that is kept. */
  readonly #ends: Record<Leg, number>
  readonly #samples: Record<Leg, number> = { caller: 0, agent: 0 }
  /** Samples of known gaps, by reason. */
  readonly #gaps: Record<Leg, Map<string, number>> = { caller: new Map(), agent: new Map() }

  /** @param from first sample of each leg */
  constructor(from: Readonly<Record<Leg, number>>) {
    this.#ends = { ...from }
  }

  piece(leg: Leg, sample: number, samples: number): void {
    this.#ends[leg] = sample + samples
    this.#samples[leg] += samples
  }

  gap(leg: Leg, samples: number, reason: string): void {
    this.#gaps[leg].set(reason, (this.#gaps[leg].get(reason) ?? 0) + samples)
  }

  /** Audio up to this position of a leg is missing. */
  skip(leg: Leg, to: number): void {
    this.#ends[leg] = to
  }

  /** Length of the longer leg up to its last kept sample, s. */
  get seconds(): number {
    return Math.max(this.#ends.caller, this.#ends.agent) / SAMPLE_RATE
  }

  /**
   * Detects whether a recording is empty, or contains less than 95 % of the time in which it was not paused.
   *
   * @param began when its tap was given to the dialplan, ms since the epoch
   * @param ended when its call ended, ms since the epoch
   * @param redaction the redaction of the recording
   * @returns the missing audio with its reason; undefined if the recording contains enough
   */
  missing(began: number, ended: number, redaction: Redaction): MissingAudio | undefined {
    const omitted = redaction.omittedIn(began, ended)
    const wantedMs = Math.max(0, ended - began - omitted.ms)
    // Asterisk writes both legs while either side sends. One leg may be left out beside an outsider, so the longer one
    // counts.
    const [kept, gaps] = LEGS.map(leg => [toMs(this.#samples[leg]), this.#gaps[leg]] as const).reduce(
      (a, b) => (b[0] > a[0] ? b : a),
    )
    const missingMs = Math.round(wantedMs - kept)
    const isShort = missingMs > TOLERANCE_MS && kept < LEAST_SHARE * wantedMs
    if (!isShort && kept > 0) return undefined
    if (!isShort) return { missingMs: Math.max(0, missingMs), reason: omitted.by ?? 'hung-up' }
    const [reason, samples] = [...gaps].sort(([, a], [, b]) => b - a)[0] ?? ['', 0]
    return { missingMs, reason: toMs(samples) > missingMs / 2 ? reason : 'nothing-came' }
  }
}

const toMs = (samples: number): number => (samples * 1_000) / SAMPLE_RATE
