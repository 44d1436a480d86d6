import type { Leg } from '../core/audio.js'
import type { Clock } from '../core/clock.js'
import type { CallId } from '../core/ids.js'
import type { Log } from '../lib/log.js'
import type { Recording } from './recording.js'

/** The initial data of a tap session. */
export interface TapSessionStart {
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
