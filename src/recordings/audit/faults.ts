import type { RecordingId } from '../../core/ids.js'
import type { FaultKind } from '../open/verify-recording.js'

/** The kinds of faults that an audit finds. */
export type AuditKind =
  | FaultKind
  /** The journal knows the container, but the store does not have it. */
  | 'object-missing'
  /** The container seems to be in the store, but cannot be read. */
  | 'object-unreadable'
  /** The journal does not know a container in the store. `verify` calls it `object-unjournalled`, `audit` calls it `object-orphan`. */
  | 'object-unjournalled'
  | 'object-orphan'
  /** The database knows no part of the key file. */
  | 'key-orphan'
  /** The key file is under another due day or purpose than its recording, so it would be destroyed at the wrong time. */
  | 'key-day'
  /** The key file is not on every mirror. If one more disk fails, the recording may be lost. */
  | 'key-unmirrored'
  /** The key file is sealed for a former recipient, or not for every present one. */
  | 'key-outdated'
  /** The journal has no consent to the purpose before the recording. */
  | 'consent-missing'
  /** The recording is past its retention, is not held, and is not destroyed. */
  | 'overdue'
  /** The due day is not the journalled one, or is later than the caller agreed to. */
  | 'term-differs'
  /** A container or key of a destroyed recording is in a store. */
  | 'destroyed-present'
  /** The recording is in state `destroyed`, but the journal has no event of its destruction. */
  | 'destroyed-unjournalled'
  /** A container or key file is in the folder of another purpose. */
  | 'misplaced'
  /** No recording has this id. */
  | 'not-found'

/**
 * The end of a container that no hash in the journal covers. It is not a fault, but a removed or forged chunk there would not be
 * found. It has one of these reasons:
 *
 * - The next hash is not due yet.
 * - The service was killed, and the next service has not hashed the container yet.
 */
export interface Uncovered {
  /** Name of the container in the store. */
  where: string
  recording: RecordingId
  bytes: number
  /** Estimated length of these bytes, s. The estimate takes them as samples of two legs of equal length. */
  seconds: number
  /**
   * True if the journal has no end of the recording. If the recording is in progress, the next hash follows within a
   * minute.
   */
  running: boolean
}

/** A fault in a container, or a difference between the journal and the stores. */
export interface AuditFault {
  kind: AuditKind
  /** Text for people: what is wrong. */
  what: string
  /** Name of the container, path of the key file, or id of the recording. */
  where: string
  /** The recording, if it is known. */
  recording?: RecordingId
}
