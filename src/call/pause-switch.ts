import { noKeys, typeKey } from '../consent/key-sequence.js'
import type { Clock } from '../shared/clock.js'
import type { PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { LinePolicy } from '../shared/policy.js'
import type { Recorder } from './ports.js'

export interface PauseDeps {
  call: CallId
  recorder: Pick<Recorder, 'pause' | 'resume' | 'pausedSince'>
  clock: Clock
  policy(): LinePolicy
}

/** Pauses the recordings of one call and lets them go on: by the agent's keys, by a program, by itself after a while. */
export interface PauseSwitch {
  /** A key of somebody in a bridge with the caller; the line's pause keys pause, or resume. @param at ms since the epoch */
  key(digit: string, at: number): void
  /** @returns undefined if nothing is being recorded; else resolves once a service after us would know of it */
  pause(by: PauseBy, at: number): Promise<unknown> | undefined
  /** @returns false if nothing is being recorded */
  resume(by: PauseBy | 'timeout', at: number): boolean
  /** The call is over. */
  end(): void
}

/** A call that an earlier process paused stays paused, and goes on when it would have. */
export function pauseSwitch({ call, recorder, clock, policy }: PauseDeps): PauseSwitch {
  let typed = noKeys
  let disarm = () => {}

  const arm = (ms: number) => {
    disarm()
    disarm = clock.after(Math.max(0, ms), () => resume('timeout', clock.now()))
  }
  const pause = (by: PauseBy, at: number) => {
    const kept = recorder.pause(call, at, by)
    if (kept) arm(policy().pauseMaxMs)
    return kept
  }
  const resume = (by: PauseBy | 'timeout', at: number): boolean => {
    disarm()
    return recorder.resume(call, at, by)
  }

  const since = recorder.pausedSince(call)
  if (since !== undefined) arm(since + policy().pauseMaxMs - clock.now())
  return {
    key(digit, at) {
      const wanted = policy().keys.pause
      typed = typeKey(typed, [wanted], digit, at)
      if (typed.digits !== wanted) return
      typed = noKeys
      if (recorder.pausedSince(call) === undefined) void pause('agent', at)
      else resume('agent', at)
    },
    pause,
    resume,
    end: () => disarm(),
  }
}
