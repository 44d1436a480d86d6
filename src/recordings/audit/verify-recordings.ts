import { type Clock, systemClock } from '../../core/clock.js'
import type { RecordingId } from '../../core/ids.js'
import { type AuditDeps, checkRecording } from './check-recording.js'
import type { AuditFault, Uncovered } from './faults.js'
import { type JournalledRecording, readRecordings } from './journalled-recordings.js'
import { checkUnknown } from './unknown-container.js'

export type { AuditDeps } from './check-recording.js'
export type { AuditFault, Uncovered } from './faults.js'

/** The result of `verifyRecordings`. */
export interface AuditResult {
  checked: { events: number; recordings: number }
  faults: AuditFault[]
  uncovered: Uncovered[]
}

/** What verifying needs. `clock`: the system's by default. */
interface VerifyDeps extends AuditDeps {
  clock?: Pick<Clock, 'now'>
}

/**
 * Checks recordings against the journal, see `checkRecording`. Without `only`, it also checks that the journal knows every
 * container in the store that is no longer new.
 *
 * @param only checks this recording; undefined: checks all recordings
 * @param progress called after each recording
 * @throws AppError `store.*`, `db.*`
 */
export async function verifyRecordings(
  deps: VerifyDeps,
  only?: RecordingId,
  progress: (done: number, of: number) => void = () => {},
): Promise<AuditResult> {
  const recordings = await readRecordings(deps.db, { recording: only })
  const faults: AuditFault[] = []
  const uncovered: Uncovered[] = []
  let events = 0
  for (const [done, recording] of recordings.entries()) {
    const found = await checkRecording(deps, recording)
    faults.push(...found.faults.map(fault => ({ ...fault, recording: recording.id })))
    uncovered.push(...found.uncovered)
    events += recording.events
    progress(done + 1, recordings.length)
  }
  if (only && recordings.length === 0)
    faults.push({ kind: 'not-found', what: 'no recording has this id', where: only })
  if (!only) faults.push(...(await findUnjournalled(deps, recordings)))
  return { checked: { events, recordings: recordings.length }, faults, uncovered }
}

async function findUnjournalled(
  { store, clock = systemClock }: VerifyDeps,
  recordings: JournalledRecording[],
): Promise<AuditFault[]> {
  const parts = recordings.flatMap(recording => recording.parts)
  const known = new Set(
    parts.filter(({ location }) => location === store.location).map(({ object }) => object),
  )
  const now = clock.now()
  const what = 'the journal does not know this container'
  const faults: AuditFault[] = []
  for await (const { name, modifiedAt } of store.list()) {
    if (known.has(name)) continue
    const unjournalled: AuditFault = { kind: 'object-unjournalled', what, where: name }
    faults.push(...(await checkUnknown(store, { name, modifiedAt }, now, unjournalled)))
  }
  return faults
}
