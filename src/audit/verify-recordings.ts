import type { RecordingId } from '../shared/ids.js'
import type { Archive } from '../vault/store/store.js'
import { type AuditDeps, checkRecording } from './check-recording.js'
import type { AuditFault, Uncovered } from './faults.js'
import { type JournalledRecording, readRecordings } from './journalled-recordings.js'

export type { AuditDeps } from './check-recording.js'
export type { AuditFault, Uncovered } from './faults.js'

/** The result of `verifyRecordings`. */
export interface AuditResult {
  checked: { events: number; recordings: number }
  faults: AuditFault[]
  uncovered: Uncovered[]
}

/**
 * Checks recordings against the journal, see `checkRecording`. Without `only`, it also checks that the journal knows every
 * container in the store.
 *
 * @param only checks this recording; undefined: checks all recordings
 * @param progress called after each recording
 * @throws AppError `store.*`, `db.*`
 */
export async function verifyRecordings(
  deps: AuditDeps,
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
  if (!only) faults.push(...(await findUnjournalled(deps.store, recordings)))
  return { checked: { events, recordings: recordings.length }, faults, uncovered }
}

async function findUnjournalled(store: Archive, recordings: JournalledRecording[]): Promise<AuditFault[]> {
  const parts = recordings.flatMap(recording => recording.parts)
  const known = new Set(
    parts.filter(({ location }) => location === store.location).map(({ object }) => object),
  )
  const faults: AuditFault[] = []
  for await (const { name } of store.list()) {
    if (!known.has(name))
      faults.push({
        kind: 'object-unjournalled',
        what: 'the journal does not know this container',
        where: name,
      })
  }
  return faults
}
