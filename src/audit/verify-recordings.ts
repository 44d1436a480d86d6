import type { RecordingId } from '../shared/ids.js'
import type { ObjectStore } from '../vault/store/store.js'
import { type AuditDeps, checkRecording } from './check-recording.js'
import type { AuditFault, Uncovered } from './faults.js'
import { type JournalledRecording, readRecordings } from './journalled-recordings.js'

export type { AuditDeps } from './check-recording.js'
export type { AuditFault, Uncovered } from './faults.js'

export interface AuditResult {
  checked: { events: number; recordings: number }
  faults: AuditFault[]
  uncovered: Uncovered[]
}

/**
 * Holds recordings against the journal: each rests on a yes that was journalled before it, each container is as it was
 * when its hash was journalled, none is missing but those whose destruction is journalled, of these nothing is left, and
 * the store holds nothing that the journal does not know.
 *
 * @param only one recording; all of them and the store's own listing without it
 * @param progress called after each recording
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
    faults.push({ kind: 'not-found', what: 'there is no such recording', where: only })
  if (!only) faults.push(...(await findUnjournalled(deps.store, recordings)))
  return { checked: { events, recordings: recordings.length }, faults, uncovered }
}

async function findUnjournalled(
  store: ObjectStore,
  recordings: JournalledRecording[],
): Promise<AuditFault[]> {
  const known = new Set(recordings.flatMap(({ parts }) => parts.map(part => part.object)))
  const faults: AuditFault[] = []
  for await (const { name } of store.list()) {
    if (!known.has(name))
      faults.push({
        kind: 'object-unjournalled',
        what: 'the store has a container that the journal does not know',
        where: name,
      })
  }
  return faults
}
