import type { CallId, RecordingId } from './ids.js'
import type { Purpose } from './policy.js'

/** Every trouble that somebody should hear of while it lasts. docs/runbook.md says of each what to do. */
export const ALARMS = [
  'pbx-away',
  'database-away',
  'keeper-away',
  'events-lost',
  'log-stopped',
  'events-refused',
  'calls-taken',
  'folder-copied',
  'name-shared',
  'store-unwritable',
  'keys-unwritable',
  'key-missing',
  'disk-low',
  'prompts-unreadable',
  'tap-unavailable',
  'tap-unreached',
  'file-limit',
  'clock-jumped',
  'clock-doubtful',
  'too-many-recordings',
  'overloaded',
  'leg-silent',
  'container-stuck',
  'pipe-filling',
  'memory-exposed',
] as const

export type AlarmKind = (typeof ALARMS)[number]

/** What an alarm is about, where several of its kind may stand at once. Nothing of a person. */
export interface AlarmSubject {
  recording?: RecordingId
  leg?: 'caller' | 'agent'
  purpose?: Purpose
}

/** A trouble that stands now. */
export interface Trouble extends AlarmSubject {
  alarm: AlarmKind
  /** For people; no personal data, no secret. */
  detail: string
  /** The call in whose timeline it belongs. */
  call?: CallId
}
