import { type DepsWith, identitiesIn } from '../../accounts/deps.js'
import type { RecordingId } from '../../core/ids.js'
import { type LogVerdict, verifyTimes } from '../../log/verify/verify-log.js'
import { type Outside, verifyJournal } from '../../log/verify-journal.js'
import { type DerivedFault, verifyDerived } from './derived/verify-derived.js'
import { type AuditFault, type Uncovered, verifyRecordings } from './verify-recordings.js'

export type { Uncovered } from './verify-recordings.js'

/** The checked things, and the faults. */
export interface Verdict {
  /** How many of each kind were checked. */
  checked: Record<string, number>
  faults: (AuditFault | DerivedFault | LogVerdict['faults'][number])[]
  /** Ends of containers that no hash in the journal covers. They are not faults. */
  uncovered: Uncovered[]
}

type VerifyDeps = DepsWith<'db' | 'store' | 'keyStore', 'identities' | 'log'>

/** Called with the subject of the check, how much of it is done, and how much there is. */
export type VerifyProgress = (what: 'events' | 'recordings', done: number, of: number) => void

/**
 * Verifies the whole journal against its log, the times of its events, the tables that follow from it, and every
 * recording against the journal.
 *
 * @throws AppError `request.invalid` for a wrong key; `not-found` if the witness does not answer; `store.*`, `db.*`
 */
export async function verifyAll(
  deps: VerifyDeps,
  outside: Outside,
  progress: VerifyProgress = () => {},
): Promise<Verdict> {
  const log = await verifyJournal(deps, outside, (done, of) => progress('events', done, of))
  const times = await verifyTimes(deps.db)
  const derived = await verifyDerived(deps.db)
  const recordings = await verifyAmong(deps, undefined, progress)
  return {
    checked: { ...recordings.checked, ...log.checked, late: times.late, tables: derived.tables, receipts: 0 },
    faults: [...log.faults, ...times.faults, ...derived.faults, ...recordings.faults],
    uncovered: recordings.uncovered,
  }
}

/** Verifies one recording against the journal. @throws AppError `store.*`, `db.*` */
export async function verifyRecording(
  deps: VerifyDeps,
  recording: RecordingId,
  progress: VerifyProgress = () => {},
): Promise<Verdict> {
  const found = await verifyAmong(deps, recording, progress)
  return { ...found, checked: { ...found.checked, receipts: 0 } }
}

function verifyAmong(
  { config, ...deps }: VerifyDeps,
  only: RecordingId | undefined,
  progress: VerifyProgress,
) {
  const identities = identitiesIn(config)
  const tools = { ...deps, ...(identities && { identities }) }
  return verifyRecordings(tools, only, (done, of) => progress('recordings', done, of))
}
