import type { Clock } from '../../core/clock.js'
import type { FactName, Step } from '../machine/call-states.js'

/*
 * Bounds silence: a caller hears nothing for at most 8 s, beyond waits that the line asks for. Each order to the PBX
 * has its own limit, but several in a row may each come close to it. So the three limits below count from the beginning
 * of the silence. After the first one, the commit of the answer `failed` takes 1 s at most. After the second, asking
 * for the channel's place takes 2 s. After the third, the last attempt to send the outcome takes half a second, and the
 * last order 2 s.
 */

/**
 * After this much silence no further question is asked, ms. A prompt usually begins some ms after the previous one, or
 * after the arrival.
 */
const ASK_WITHIN_MS = 2_500
/** After this much silence the wait for a tap ends, ms. */
const TAP_WITHIN_MS = 3_500
/** After this much silence the channel returns to the dialplan even if the PBX has not taken the outcome, ms. */
const TELL_WITHIN_MS = 5_500

/**
 * A caller of the previous service has waited since this process began, and up to half a second before. This much of
 * that wait is not counted, ms. With the half second and the 3.5 s above, it makes 8 s. A usual start takes one second,
 * so it leaves all limits as they are.
 */
const UNCOUNTED_WAIT_MS = 4_000
/**
 * At most this much of the rest counts, ms. It leaves half a second in which a prompt may begin, and 1.5 s for a tap.
 * The keeper returns callers who have waited for more than 6.5 s, so both suffice for 8 s.
 */
const MOST_COUNTED_WAIT_MS = 2_000

/** Steps without the first limit. At `interrupted` the keeper applies its own limit, at `releasing` the return does. */
const UNLIMITED: ReadonlySet<Step> = new Set(['interrupted', 'releasing', 'talking', 'ended'])
/** Facts that begin a visit, or continue it after a restart. */
const BEGINNINGS: ReadonlySet<FactName> = new Set(['re-entered', 'recovered'])

interface PaceDeps {
  clock: Clock
  /** For a caller whom the previous service was asking: the beginning of the silence, by the monotonic clock, ms. */
  waitingSince?: number | undefined
  /** The time of a wait is over. */
  onSilence(): void
  /** The caller has heard nothing for too long. */
  onTooSlow(): void
}

/** Has a caller wait for an answer or a tap, and limits all other silence. */
export function createPace({ clock, waitingSince, onSilence, onTooSlow }: PaceDeps) {
  /** Beginning of an unintended silence, by the monotonic clock, ms; undefined at the steps without a limit. */
  let quietFrom: number | undefined
  /** As `waitingSince`; undefined once the caller is served. */
  let waitsSince = waitingSince
  const abandoned = new AbortController()
  let stopWaiting = () => {}
  let cancelLimit = () => {}
  let cancelReturn = () => {}

  /** Beginning of a silence whose limits start now. */
  function quietBefore(): number {
    const now = clock.elapsed()
    const waitedMs = now - (waitsSince ?? now) - UNCOUNTED_WAIT_MS
    return now - Math.min(Math.max(waitedMs, 0), MOST_COUNTED_WAIT_MS)
  }
  /** Time left until the silence has lasted for `ms`. */
  const leftOf = (ms: number) => Math.max(0, (quietFrom ?? quietBefore()) + ms - clock.elapsed())
  function setQuietFrom(at: number | undefined): void {
    quietFrom = at
    cancelLimit()
    cancelLimit = at === undefined ? () => {} : clock.after(leftOf(ASK_WITHIN_MS), onTooSlow)
  }
  /** For `ms`, the caller hears something, or the silence is intended. */
  function fill(ms: number): void {
    if (quietFrom !== undefined) setQuietFrom(Math.max(quietFrom, clock.elapsed() + ms))
  }
  function quiet(): void {
    if (quietFrom !== undefined && quietFrom > clock.elapsed()) setQuietFrom(clock.elapsed())
  }
  function startWait(ms: number): void {
    stopWaiting()
    stopWaiting = clock.after(ms, onSilence)
  }

  return {
    /** Reports silence after `ms`, unless another wait begins before. The line asks for this silence. */
    wait(ms: number): void {
      startWait(ms)
      fill(ms)
    },
    /** As `wait`. The line does not ask for this silence, so it is shorter if the caller has heard nothing for long. */
    waitForTap: (ms: number): void => startWait(Math.min(ms, leftOf(TAP_WITHIN_MS))),
    stopWaiting(): void {
      stopWaiting()
      quiet()
    },
    /** A prompt plays for `ms` from now on; 0: it has ended. */
    plays: (ms: number): void => (ms > 0 ? fill(ms) : quiet()),
    /** The call has handled a fact, and is at this step now. */
    moved(fact: FactName, step: Step): void {
      if (step !== 'releasing') cancelReturn()
      if (UNLIMITED.has(step)) setQuietFrom(undefined)
      else if (quietFrom === undefined || BEGINNINGS.has(fact)) setQuietFrom(quietBefore())
      if (step !== 'interrupted') waitsSince = undefined
    },
    /** The channel begins to return. @returns the two signals of `returnToDialplan` */
    returns(): { abandoned: AbortSignal; late: AbortSignal } {
      const late = new AbortController()
      cancelReturn()
      cancelReturn = clock.after(leftOf(TELL_WITHIN_MS), () => late.abort())
      return { abandoned: abandoned.signal, late: late.signal }
    },
    /** The service ends. */
    abandon(): void {
      abandoned.abort()
      cancelReturn()
    },
  }
}
