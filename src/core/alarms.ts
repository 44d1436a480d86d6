import type { CallId, RecordingId } from './ids.js'
import type { Purpose } from './policy.js'

/** All alarms. docs/operate.md describes the remedy for each. */
export const ALARMS = [
  'pbx-away',
  'database-away',
  'keeper-away',
  'speech-away',
  'events-lost',
  'log-stopped',
  'timestamp-away',
  'events-refused',
  'calls-taken',
  'folder-copied',
  'name-shared',
  'store-unwritable',
  'keys-unwritable',
  'key-missing',
  'disk-low',
  'prompts-unreadable',
  'prompt-unusable',
  'tap-unavailable',
  'tap-unreached',
  'file-limit',
  'clock-jumped',
  'clock-doubtful',
  'too-many-recordings',
  'overloaded',
  'leg-silent',
  'tap-stopped',
  'recording-short',
  'pbx-records',
  'call-spied',
  'container-stuck',
  'pipe-filling',
  'memory-exposed',
  'misconfigured',
  'probe-failed',
] as const

export type AlarmKind = (typeof ALARMS)[number]

/** The subject of an alarm, which distinguishes several of one kind. It has no personal data. */
export interface AlarmSubject {
  recording?: RecordingId
  leg?: 'caller' | 'agent'
  purpose?: Purpose
  /** The check that found it; the reason why a recording is short; the speech engine with its language; the prompt; or the line, answer and faults of a probe call. */
  check?: string
}

/** A standing alarm. */
export interface Trouble extends AlarmSubject {
  alarm: AlarmKind
  /** A message without personal data and secrets. */
  detail: string
  /** The call whose timeline shows the alarm. */
  call?: CallId
}
