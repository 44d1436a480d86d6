import type { FaultKind } from '../playback/verify-recording.js'
import type { RecordingId } from '../shared/ids.js'

/** Everything that can be wrong with what is kept. */
export type AuditKind =
  | FaultKind
  /** A container that the journal knows is not in the store. */
  | 'object-missing'
  /** A container that is in the store, as far as can be told, and cannot be read. */
  | 'object-unreadable'
  /** `verify`'s and `audit`'s names for a container in the store that the journal does not know. */
  | 'object-unjournalled'
  | 'object-orphan'
  /** A key file of which no part is known. */
  | 'key-orphan'
  /** A key file under another day, or purpose, than that of its recording: its destruction would come at a wrong time. */
  | 'key-day'
  /** A key file that is not on every mirror: with the next disk the recording would be lost. */
  | 'key-unmirrored'
  /** A key file that is sealed for somebody who is no recipient any more, or not for all who are. */
  | 'key-outdated'
  /** No yes to its purpose stands in the journal before it. */
  | 'consent-missing'
  /** Past its term, and neither kept nor destroyed. */
  | 'overdue'
  /** Its term is not the one that was journalled, or is longer than what was agreed to. */
  | 'term-differs'
  /** A container or a key of a destroyed recording is there (again). */
  | 'destroyed-present'
  /** It counts as destroyed, and no event says so. */
  | 'destroyed-unjournalled'
  /** A container or a key in the place of another purpose. */
  | 'misplaced'
  /** There is no such recording. */
  | 'not-found'

/**
 * The end of a container that no hash in the journal covers: the next hash is not due yet, the service was killed and its
 * successor has not hashed the container yet, or an older version wrote it. It is no fault, but a cut or a forged record there
 * would not be found.
 */
export interface Uncovered {
  /** Name of the object. */
  where: string
  recording: RecordingId
  bytes: number
  /** About how much of the conversation the bytes hold, s: they are taken for samples of two legs of equal length. */
  seconds: number
  /** The journal has no end of the recording. If a service is making it, the next hash follows within a minute. */
  running: boolean
}

/** Something that does not hold: of a container, or between the journal and what is kept. */
export interface AuditFault {
  kind: AuditKind
  what: string
  /** Name of the object, path of the file, or id of the recording. */
  where: string
  /** Whose it is, where that is known. */
  recording?: RecordingId
}
