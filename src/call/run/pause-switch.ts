import type { Clock } from '../../core/clock.js'
import type { PauseBy } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { LinePolicy, Purpose } from '../../core/policy.js'
import { waitAtMost } from '../../lib/deadline.js'
import { groupBy } from '../../lib/group-by.js'
import { noKeys, typeKey } from '../machine/key-sequence.js'
import type { Verdict, Verdicts } from '../parties/parties.js'
import type { Recorder } from '../ports.js'

export interface PauseDeps {
  call: CallId
  recorder: Pick<
    Recorder,
    'pause' | 'resume' | 'pausedSince' | 'pausedBy' | 'recordedPurposes' | 'hold' | 'leaveOutHeld'
  >
  clock: Clock
  policy(): LinePolicy
  /** An agent or a program has ordered a pause. */
  onPause?(): void
  /** Such a pause has ended. @param at ms since the epoch */
  onResume?(at: number): void
}

/** Who may order a pause. */
type Asking = Extract<PauseBy, 'agent' | 'api'>

/** Why a recording is barred. */
type Bar = Exclude<Verdict, 'record'>

/**
 * Pauses and resumes the recordings of one call. An agent's keys or a program pause all of them; such a pause ends
 * after `pauseMaxMs`. The participants present, and the line, may bar each recording separately, for as long as they
 * do. While both apply, the journal has the ordered pause. A bar may leave the caller's side in a recording; a pause
 * never does.
 */
export interface PauseSwitch {
  /** Handles a key of an agent. The line's pause keys pause and resume in turn. @param at ms since the epoch */
  key(digit: string, at: number): void
  /** @returns undefined if nothing is being recorded; else resolves once the pause is stored durably */
  pause(by: Asking, at: number): Promise<unknown> | undefined
  /** Ends the ordered pause. @returns false if nothing is being recorded */
  resume(by: Asking | 'timeout', at: number): boolean
  /** From this moment on, the known participants allow each recording, or bar it or one side of it. */
  judge(verdicts: Verdicts, at: number): void
  /**
   * The participants are unknown until the next comparison with the PBX. What is left out now stays left out until
   * then, whatever the PBX reports before, because it reports changes alone. Recorded audio is held back from then on:
   * if the comparison finds a bar, it is not stored.
   *
   * @param since when the PBX was heard last, ms since the epoch; now by default
   */
  doubt(since?: number): void
  /**
   * A comparison with the PBX has made the participants known. `judge` has to follow.
   * @returns whether they were in doubt
   */
  endDoubt(): boolean
  /** A tap has been prepared. Its recordings begin paused if necessary. */
  prepared(at: number): void
  /** Whether an ordered pause is in force now. */
  readonly isWanted: boolean
  /** The call is over. */
  end(): void
}

/**
 * Creates the switch. A recovered call that was paused stays paused. Its pause ends `pauseMaxMs` after it began, or
 * when `judge` allows the recording.
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
  const purposes = () => recorder.recordedPurposes(call)
  const isAsked = (by: Bar | Asking | undefined): by is Asking => by === 'agent' || by === 'api'
  let asked: Asking | undefined = purposes()
    .map(purpose => recorder.pausedBy(call, purpose))
    .find(isAsked)
  let verdicts: Verdicts = new Map(
    purposes().map(purpose => {
      const by = recorder.pausedBy(call, purpose)
      return [purpose, by === undefined || isAsked(by) ? 'record' : by]
    }),
  )
  /** The bar of a purpose's recording. A purpose that was not judged yet is barred by the participants present. */
  function barOf(purpose: Purpose): Bar | undefined {
    const others = [...verdicts.values()].filter(verdict => verdict !== 'record' && verdict !== 'line')
    const verdict = verdicts.get(purpose) ?? others[0] ?? 'record'
    return verdict === 'record' ? undefined : verdict
  }
  /** Whether a participant may have joined that no comparison has found yet. */
  let doubtful = false

  const startTimer = (ms: number) => {
    cancelTimer()
    cancelTimer = clock.after(Math.max(0, ms), () => resume('timeout', clock.now()))
  }
  const isRecorded = () => purposes().length > 0

  /** Applies the wanted state to the recordings. One pause may follow another at the same moment. */
  function apply(at: number, endedBy?: Asking | 'timeout'): Promise<unknown> | undefined {
    const changes = groupBy(
      purposes().flatMap(purpose => {
        const present = recorder.pausedBy(call, purpose)
        // The recorder itself pauses a recording that holds back too much audio.
        const wanted =
          asked ?? barOf(purpose) ?? (doubtful && present === 'party' ? ('party' as const) : undefined)
        return wanted === present ? [] : { purpose, present, wanted }
      }),
      ({ present, wanted }) => `${present} ${wanted}`,
    )
    const stored = [...changes.values()].flatMap(same => {
      const { present, wanted } = same[0]!
      const of = same.map(({ purpose }) => purpose)
      if (present) recorder.resume(call, at, endedBy ?? present, of)
      return (wanted && recorder.pause(call, at, wanted, of)) ?? []
    })
    return stored.length > 0 ? Promise.all(stored) : undefined
  }

  function pause(by: Asking, at: number): Promise<unknown> | undefined {
    if (!isRecorded()) return undefined
    asked ??= by
    startTimer(policy().pauseMaxMs)
    // This precedes `onPause`: a review caused by it would apply the pause without its storage being awaited.
    const stored = apply(at)
    onPause?.()
    return stored ?? Promise.resolve()
  }
  function resume(by: Asking | 'timeout', at: number): boolean {
    cancelTimer()
    // A participant who joined meanwhile may not have agreed.
    if (asked && doubtful) {
      const barred = (purpose: Purpose): Bar => {
        const bar = barOf(purpose)
        return !bar || bar === 'own-side' ? 'party' : bar
      }
      verdicts = new Map(purposes().map(purpose => [purpose, barred(purpose)]))
    }
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
    judge(judged, at) {
      const allowsMore = (purpose: Purpose, verdict: Verdict) =>
        verdict === 'record' || (verdict === 'own-side' && barOf(purpose) !== undefined)
      const [doubted, known] = [true, false].map(wanted =>
        [...judged].filter(([purpose, verdict]) => (doubtful && allowsMore(purpose, verdict)) === wanted),
      ) as [[Purpose, Verdict][], [Purpose, Verdict][]]
      const before = doubted.map(([purpose]): [Purpose, Verdict] => [purpose, barOf(purpose) ?? 'record'])
      verdicts = new Map([...before, ...known])
      // A participant who bars it now may have been present since the audio was held back.
      for (const [bar, same] of groupBy(known, ([, verdict]) => verdict))
        if (bar !== 'record' && bar !== 'hold')
          recorder.leaveOutHeld(
            call,
            at,
            bar,
            same.map(([purpose]) => purpose),
          )
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

/** How long a program waits until its pause is stored, ms. If the database hangs, the spool stores the pause after up to 4 s. */
const STORED_TIMEOUT_MS = 4_500

/**
 * Pauses or resumes a call's recordings for a program. Resolves once the pause is stored durably, so that a later
 * service would know it; after 4.5 s at the latest.
 *
 * @returns `unrecorded` if nothing is being recorded
 */
export async function switchPause(
  { pauses }: { pauses: PauseSwitch },
  to: 'pause' | 'resume',
  clock: Clock,
): Promise<'done' | 'unrecorded'> {
  const stored = pauses[to]('api', clock.now())
  if (!stored) return 'unrecorded'
  if (stored !== true) await waitAtMost(clock, STORED_TIMEOUT_MS, stored)
  return 'done'
}
