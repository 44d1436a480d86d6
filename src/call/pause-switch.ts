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

/** Pauses and resumes the recordings of one call, by the agent's keys or by a program. Resumes by itself after `pauseMaxMs`. */
export interface PauseSwitch {
  /** Handles a key of an agent. The line's pause keys pause and resume in turn. @param at ms since the epoch */
  key(digit: string, at: number): void
  /** @returns undefined if nothing is being recorded; else resolves once the pause is stored durably */
  pause(by: PauseBy, at: number): Promise<unknown> | undefined
  /** @returns false if nothing is being recorded */
  resume(by: PauseBy | 'timeout', at: number): boolean
  /** The call is over. */
  end(): void
}

/** Creates the switch. A recovered call that was paused stays paused. Its pause ends `pauseMaxMs` after it began. */
export function createPauseSwitch({ call, recorder, clock, policy }: PauseDeps): PauseSwitch {
  let typed = noKeys
  let cancelTimer = () => {}

  const startTimer = (ms: number) => {
    cancelTimer()
    cancelTimer = clock.after(Math.max(0, ms), () => resume('timeout', clock.now()))
  }
  const pause = (by: PauseBy, at: number) => {
    const stored = recorder.pause(call, at, by)
    if (stored) startTimer(policy().pauseMaxMs)
    return stored
  }
  const resume = (by: PauseBy | 'timeout', at: number): boolean => {
    cancelTimer()
    return recorder.resume(call, at, by)
  }

  const since = recorder.pausedSince(call)
  if (since !== undefined) startTimer(since + policy().pauseMaxMs - clock.now())
  return {
    key(digit, at) {
      const pauseKeys = policy().keys.pause
      typed = typeKey(typed, [pauseKeys], digit, at)
      if (typed.digits !== pauseKeys) return
      typed = noKeys
      if (recorder.pausedSince(call) === undefined) void pause('agent', at)
      else resume('agent', at)
    },
    pause,
    resume,
    end: () => cancelTimer(),
  }
}
