import { noKeys, typeKey } from '../consent/key-sequence.js'
import type { Clock } from '../shared/clock.js'
import type { PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { LinePolicy } from '../shared/policy.js'
import type { Verdict } from './parties.js'
import type { Recorder } from './ports.js'

export interface PauseDeps {
  call: CallId
  recorder: Pick<
    Recorder,
    'pause' | 'resume' | 'pausedSince' | 'pausedBy' | 'recordedPurposes' | 'hold' | 'leaveOutHeld'
  >
  clock: Clock
  policy(): LinePolicy
  /** An agent or a program wants a pause. */
  onPause?(): void
  /** Such a pause has ended. @param at ms since the epoch */
  onResume?(at: number): void
}

/** Who may ask for a pause. */
type Asking = Extract<PauseBy, 'agent' | 'api'>

/**
 * Pauses and resumes the recordings of one call. An agent's keys and a program ask for a pause, which ends by itself after
 * `pauseMaxMs`. Those who are present may bar the recording, which lasts as long as they are. While both hold, the journal has the pause
 * that was asked for. A bar may leave the caller's side in the recordings; a pause never does.
 */
export interface PauseSwitch {
  /** Handles a key of an agent. The line's pause keys pause and resume in turn. @param at ms since the epoch */
  key(digit: string, at: number): void
  /** @returns undefined if nothing is being recorded; else resolves once the pause is stored durably */
  pause(by: Asking, at: number): Promise<unknown> | undefined
  /** Ends the pause that was asked for. @returns false if nothing is being recorded */
  resume(by: Asking | 'timeout', at: number): boolean
  /** Who is present, as far as is known, allows the recording from this moment on, or bars it, or one side of it. */
  judge(verdict: Verdict, at: number): void
  /**
   * It is not known who is present until the PBX is looked at. What is left out now stays left out until then, whatever the PBX reports before:
   * it reports changes alone. What is recorded is held back from then on: if somebody bars the recording at that look, it is not stored.
   *
   * @param since when the PBX was heard last, ms since the epoch; now by default
   */
  doubt(since?: number): void
  /** The PBX was looked at, and who is present is known. `judge` has to follow. @returns whether it was in doubt */
  endDoubt(): boolean
  /** A tap has been prepared. Its recordings begin paused if they have to. */
  prepared(at: number): void
  /** Whether an agent or a program wants a pause now. */
  readonly isWanted: boolean
  /** The call is over. */
  end(): void
}

/**
 * Creates the switch. A recovered call that was paused stays paused. Its pause ends `pauseMaxMs` after it began, or once `judge` says
 * so.
 */
export function createPauseSwitch({
  call,
  recorder,
  clock,
  policy,
  onPause,
  onResume,
}: PauseDeps): PauseSwitch {
  let typed = noKeys
  let cancelTimer = () => {}
  const by = recorder.pausedBy(call)
  let asked: Asking | undefined = by === 'agent' || by === 'api' ? by : undefined
  let barred: Exclude<Verdict, 'record'> | undefined = by === 'agent' || by === 'api' ? undefined : by
  /** Whether somebody may have come whom no look at the PBX has found yet. */
  let doubtful = false

  const startTimer = (ms: number) => {
    cancelTimer()
    cancelTimer = clock.after(Math.max(0, ms), () => resume('timeout', clock.now()))
  }
  const isRecorded = () => recorder.recordedPurposes(call).length > 0

  /** Brings the recordings into the state that is wanted. One pause may follow another at the same moment. */
  function apply(at: number, endedBy?: Asking | 'timeout'): Promise<unknown> | undefined {
    const present = recorder.pausedBy(call)
    // The recorder itself pauses a recording of which too much is held.
    const wanted = asked ?? barred ?? (doubtful && present === 'party' ? present : undefined)
    if (wanted === present) return undefined
    if (present) recorder.resume(call, at, endedBy ?? present)
    return wanted && recorder.pause(call, at, wanted)
  }

  function pause(by: Asking, at: number): Promise<unknown> | undefined {
    if (!isRecorded()) return undefined
    asked ??= by
    startTimer(policy().pauseMaxMs)
    // Before anybody is told: what follows from that may look at this call, and nobody would wait for the pause then.
    const stored = apply(at)
    onPause?.()
    return stored ?? Promise.resolve()
  }
  function resume(by: Asking | 'timeout', at: number): boolean {
    cancelTimer()
    // Whoever came meanwhile may be there who has not agreed.
    if (asked && doubtful && (!barred || barred === 'own-side')) barred = 'party'
    asked = undefined
    void apply(at, by)
    onResume?.(at)
    return isRecorded()
  }

  const since = recorder.pausedSince(call)
  if (since !== undefined && asked) startTimer(since + policy().pauseMaxMs - clock.now())
  return {
    key(digit, at) {
      const pauseKeys = policy().keys.pause
      typed = typeKey(typed, [pauseKeys], digit, at)
      if (typed.digits !== pauseKeys) return
      typed = noKeys
      if (asked === undefined) void pause('agent', at)
      else resume('agent', at)
    },
    pause,
    resume,
    judge(verdict, at) {
      const allowsMore = verdict === 'record' || (verdict === 'own-side' && barred !== undefined)
      if (doubtful && allowsMore) return
      barred = verdict === 'record' ? undefined : verdict
      // Whoever bars it now may have been there since it was held back.
      if (barred && barred !== 'hold') recorder.leaveOutHeld(call, at, barred)
      void apply(at)
    },
    doubt(since = clock.now()) {
      doubtful = true
      recorder.hold(call, since)
    },
    endDoubt() {
      const was = doubtful
      doubtful = false
      return was
    },
    prepared(at) {
      if (doubtful) recorder.hold(call, at)
      void apply(at)
    },
    get isWanted() {
      return asked !== undefined
    },
    end: () => cancelTimer(),
  }
}
