// Fake: the recorder, the keeper and the stores. Real: what decides which samples are held back, and which are left out.
import type { Recording } from '../../../src/audio/recording.js'
import type { RecordingPauses } from '../../../src/audio/recording-pauses.js'
import { TapPauses } from '../../../src/audio/tap-pauses.js'
import { type AudioBlock, LEGS, type Leg, SAMPLE_RATE } from '../../../src/core/audio.js'
import { AppError } from '../../../src/core/errors.js'
import { event } from '../../../src/core/events.js'
import { type CallId, newNodeId, newRecordingId } from '../../../src/core/ids.js'
import type { OmittedBy } from '../../../src/core/party-events.js'
import type { DurableEventSink, Recorder } from '../../../src/core/ports.js'
import { tapName } from '../../../src/core/tap-name.js'
import { noLosses } from '../fakes/fake-call.js'
import type { FakeClock } from '../fakes/fake-clock.js'
import type { Phone } from './conversation-phones.js'

/** What one side says in a second. Nobody looks at it. */
const SECOND = Buffer.alloc(SAMPLE_RATE, 1)
/** A pause takes away a quarter of the second before it, and one of the second after it. The middle is kept. */
export const MIDDLE = { from: SAMPLE_RATE / 4, to: (SAMPLE_RATE * 3) / 4 }
/** How far back a pause concerns a later service, as in `recover-recordings.ts`, samples. */
const PAUSE_BOUND = 5 * SAMPLE_RATE

interface Pause {
  from: number
  by: OmittedBy
  end?: { at: number; samples: Record<Leg, number> }
}

/** How much of a second of one side is kept, samples. `middle`: of its middle half. */
interface Kept {
  samples: number
  middle: number
}

/** A tap, and what is stored of it for each of its purposes. */
export class Tape {
  readonly tap: string
  /** Purposes for which it records. */
  readonly running: Set<string>
  /** Purposes for which it was prepared. */
  readonly purposes: readonly string[]
  readonly #kept = new Map<string, Record<Leg, Map<number, Kept>>>()
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  /** The pauses in the journal, of each purpose. */
  readonly #noted = new Map<string, Pause[]>()
  /** What the keeper has that is not stored yet. */
  readonly #held: AudioBlock[] = []
  pauses!: TapPauses
  #recordings: readonly Recording[] = []
  /** When the PBX started it, ms since the epoch, and on which phone. */
  started: { at: number; on: Phone } | undefined
  /** Its yeses are withdrawn, and what was recorded is destroyed. */
  destroyed = false
  /** What was recorded stays, and nothing more is. */
  ended = false
  /** Its channel has ended. */
  over = false
  /** Whether the next block is the first one of a later service. Beside a pause, that one is left out whole. */
  fresh = false

  constructor(
    readonly call: CallId,
    purposes: readonly string[],
    private readonly clock: FakeClock,
    n: number,
  ) {
    this.tap = `/tap/${n}`
    this.running = new Set(purposes)
    this.purposes = purposes
    for (const purpose of purposes) {
      this.#kept.set(purpose, { caller: new Map(), agent: new Map() })
      this.#noted.set(purpose, [])
    }
    this.#begin(false)
  }

  /** Whether something is recorded from now on, as far as the tap is concerned. */
  get recording(): boolean {
    return !this.ended && !this.over && this.running.size > 0
  }

  #begin(recovered: boolean): void {
    this.#recordings = this.purposes.map(purpose => {
      const noted = this.#noted.get(purpose)!
      return {
        purpose,
        notePaused: async (by: OmittedBy, from: number) => void noted.push({ from, by }),
        noteResumed: (_by: string, at: number, samples: Record<Leg, number>) => {
          const last = noted.at(-1)
          if (last) last.end = { at, samples }
        },
      } as unknown as Recording
    })
    const about = { recordings: this.#recordings, activity: { restartSilence() {} }, clock: this.clock }
    this.pauses = new TapPauses({ ...about, ends: this.#ends, recovered })
  }

  /** The pauses of the recordings that go on. @param wanted their purpose; undefined for all */
  pausesOf(wanted?: string): RecordingPauses[] {
    return this.#recordings
      .filter(({ purpose }) => this.running.has(purpose) && (wanted === undefined || purpose === wanted))
      .map(one => this.pauses.of(one))
  }

  /** A later service takes it up. What the keeper has comes again. */
  recover(): void {
    this.#begin(true)
    const { caller, agent } = this.#ends
    for (const recording of this.#recordings)
      for (const { from, by, end } of this.#noted.get(recording.purpose)!)
        if (!end || end.samples.caller + PAUSE_BOUND > caller || end.samples.agent + PAUSE_BOUND > agent)
          this.pauses.of(recording).recover(from, by, end?.at)
    this.pauses.gate.hold()
    this.fresh = true
    for (const block of [...this.#held]) this.#pass(block)
  }

  /** A second has been said. @param now when it ends @param up whether a service runs */
  hear(now: number, up: boolean): void {
    const { started } = this
    if (!started || now <= started.at || started.on.gone) return
    const sample = ((now - started.at) / 1_000 - 1) * SAMPLE_RATE
    for (const leg of LEGS) {
      const block = { leg, sample, arrivedAt: now, bytes: SECOND }
      this.#held.push(block)
      if (up) this.#pass(block)
    }
  }

  /** How much is kept of a second of one side for a purpose. @param second since the tap was started */
  kept(purpose: string, leg: Leg, second: number): Kept {
    return this.#kept.get(purpose)![leg].get(second) ?? { samples: 0, middle: 0 }
  }

  #pass(block: AudioBlock): void {
    this.pauses.gate.block(block, block.bytes.length, passed => this.#store(passed))
  }

  #store(block: AudioBlock): void {
    this.#held.shift()
    const second = block.sample / SAMPLE_RATE
    this.#ends[block.leg] = block.sample + block.bytes.length
    for (const recording of this.#recordings) {
      const kept = { samples: 0, middle: 0 }
      const pieces = this.pauses.of(recording).redaction.cut(block)
      if (this.ended || (this.recording && this.running.has(recording.purpose)))
        for (const { sample, bytes } of pieces) {
          const from = sample - block.sample
          kept.samples += bytes.length
          kept.middle += Math.max(0, Math.min(from + bytes.length, MIDDLE.to) - Math.max(from, MIDDLE.from))
        }
      this.#kept.get(recording.purpose)![block.leg].set(second, kept)
    }
  }
}

/** A tap that the PBX has started. */
export type StartedTape = Tape & { started: { at: number; on: Phone } }
export const isStarted = (tape: Tape): tape is StartedTape => tape.started !== undefined && !tape.over

/** All tapes of a PBX. */
export class Tapes {
  readonly all: Tape[] = []
  /** How often something was left out, by why. */
  readonly counts = new Map<string, number>()

  constructor(
    private readonly clock: FakeClock,
    private readonly journal: DurableEventSink,
  ) {}

  of(call: CallId): Tape[] {
    return this.all.filter(one => one.call === call && !one.over)
  }

  find(tap: string): Tape | undefined {
    return this.all.find(one => one.tap === tap && !one.over)
  }

  /** The PBX starts a tap. */
  start(tap: string, on: Phone): void {
    const tape = this.find(tap)
    if (tape) tape.started = { at: this.clock.now(), on }
  }

  /** A later service takes up all tapes but those that no yes is left for, and those of calls that have ended. */
  recover(calls: readonly CallId[]): void {
    for (const tape of this.all.filter(one => !one.over))
      if (tape.recording && calls.includes(tape.call)) tape.recover()
      else tape.over = true
  }

  #recorded = (call: CallId): string[] =>
    this.of(call).flatMap(one => (one.recording ? [...one.running] : []))
  #pauses = (call: CallId, purpose?: string): RecordingPauses[] =>
    this.of(call).flatMap(one => (one.recording ? one.pausesOf(purpose) : []))
  #pausedBy = (call: CallId, purpose?: string): OmittedBy | undefined =>
    this.#pauses(call, purpose).find(({ by }) => by !== undefined)?.by

  get recorder(): Recorder {
    const recording = (call: CallId) => this.of(call).filter(one => one.recording)
    return {
      prepare: async (call, line, grants) => {
        const purposes = grants.map(({ purpose }) => purpose)
        if (this.of(call).some(one => purposes.some(purpose => one.running.has(purpose))))
          throw new AppError('tap.unavailable', `recorded already on ${line}`)
        const by = this.#pausedBy(call)
        const tape = new Tape(call, purposes, this.clock, this.all.length)
        this.all.push(tape)
        for (const { purpose, basis } of grants)
          this.journal.note(
            event('recording.prepared', call, this.clock.now(), {
              ...{
                recording: newRecordingId(),
                purpose,
                basis: basis.event,
                due: '',
                tap: tapName(tape.tap),
                service: newNodeId(),
              },
            }),
          )
        if (by && by !== 'line') await tape.pauses.pause(this.clock.now(), by)
        return tape.tap
      },
      readyTap: call => recording(call)[0]?.tap,
      findTap: name => this.all.find(one => tapName(one.tap) === name && !one.over && one.recording)?.tap,
      hasAudio: tap => this.find(tap)?.started !== undefined,
      abandon: async tap => {
        const tape = this.find(tap)
        if (tape) tape.over = true
      },
      isUnused: async () => false,
      handedOver: (tap, at) => this.find(tap)?.pauses.startsAt(at),
      withdraw: async (call, { purposes, at, keep }) => {
        for (const tape of this.of(call).filter(one => purposes.some(purpose => one.running.has(purpose)))) {
          if (keep) {
            tape.ended = true
            tape.pauses.leaveOutHeld(at, 'party')
            tape.pauses.keepNothingAfter(at)
            continue
          }
          for (const purpose of purposes) tape.running.delete(purpose)
          tape.destroyed = tape.running.size === 0
        }
      },
      pause: (call, at, by, purposes) => {
        const tapes = recording(call)
        if (tapes.length === 0) return undefined
        this.counts.set(by, (this.counts.get(by) ?? 0) + 1)
        return Promise.all(tapes.map(({ pauses }) => pauses.pause(at, by, purposes)))
      },
      resume: (call, at, by, purposes) => {
        const tapes = recording(call)
        for (const { pauses } of tapes) pauses.resume(at, by, purposes)
        return tapes.length > 0
      },
      hold: (call, from) => {
        for (const { pauses } of this.of(call)) pauses.gate.hold(from)
      },
      leaveOutHeld: (call, at, by, purposes) => {
        for (const { pauses } of this.of(call)) pauses.leaveOutHeld(at, by, purposes)
      },
      releaseHeld: () => {
        for (const { over, pauses } of this.all) if (!over) pauses.gate.told()
      },
      pausedSince: call => this.#pauses(call).find(({ by }) => by === 'agent' || by === 'api')?.since,
      pausedBy: this.#pausedBy,
      recordedPurposes: this.#recorded,
      keepAnswer: async () => {},
      restartTaps: async () => false,
      losses: noLosses,
      useTapOrders() {},
      channelGone: async call => {
        for (const tape of this.of(call)) {
          tape.pauses.gate.release()
          tape.over = true
        }
      },
    }
  }
}
