/*
 * The audit compares all stored recordings, containers and key files with the journal. This file runs the whole audit.
 * `verify-recordings` runs the part that needs only the journal and the stores.
 */

import type { Clock } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { EventSink } from '../../core/ports.js'
import {
  countRecordings,
  type KeptRecording,
  listKeptRecordings,
  listUnjournalledDestructions,
} from './audit-rows.js'
import { type AuditDeps, type CheckResult, checkRecording } from './check-recording.js'
import { checkRetention } from './check-retention.js'
import { checkKeys, checkObjects } from './check-stores.js'
import { type AuditCheck, type AuditCounts, checksOf, countKinds } from './checks.js'
import type { AuditFault, Uncovered } from './faults.js'
import { readRecordings } from './journalled-recordings.js'

/** How long the journal may take to confirm the event that ends an audit, ms. */
const JOURNAL_TIMEOUT_MS = 10_000

/** What a whole audit works with. */
export interface StoreAuditDeps extends AuditDeps {
  journal: EventSink
  clock: Clock
}

/** The result of an audit. */
export interface AuditReport {
  /** The audit found no fault. */
  ok: boolean
  /** ISO 8601, UTC. */
  at: string
  checked: AuditCounts
  checks: AuditCheck[]
  faults: AuditFault[]
  /** Ends of containers that no hash in the journal covers. They are not faults. */
  uncovered: Uncovered[]
}

/**
 * Audits everything that is stored. It checks each recording against its consent, container, hash, key, due day and retention. It
 * checks each container and key file against the recordings. The number of faults of each kind is journalled.
 *
 * The audit can run at the same time as a service and a purge. A recording that is destroyed meanwhile is not reported as missing.
 *
 * @param progress called after each batch of recordings
 * @param stopping ends the audit early when aborted; the audit then throws the reason of the signal
 * @throws AppError `store.*`, `db.*`, `journal.*`
 */
export async function auditStore(
  deps: StoreAuditDeps,
  progress: (done: number, of: number) => void = () => {},
  stopping?: AbortSignal,
): Promise<AuditReport> {
  const { db, journal, clock } = deps
  const now = clock.now()
  const recordings = await countRecordings(db)
  const faults: AuditFault[] = []
  const uncovered: Uncovered[] = []
  let done = 0
  for await (const batch of listKeptRecordings(db, new Date(now))) {
    const found = await checkBatch(deps, batch, now, stopping)
    faults.push(...found.faults)
    uncovered.push(...found.uncovered)
    done += batch.length
    progress(Math.min(done, recordings), recordings)
  }
  for (const id of await listUnjournalledDestructions(db))
    faults.push({
      kind: 'destroyed-unjournalled',
      what: 'the recording counts as destroyed, but the journal has no event of it',
      where: id,
      recording: id,
    })
  const objects = await checkObjects(deps, now)
  const keys = await checkKeys(deps, now)
  faults.push(...objects.faults, ...keys.faults)

  const checked = { recordings, objects: objects.objects, keys: keys.keys }
  const finished = event('audit.finished', null, clock.now(), { ...checked, faults: countKinds(faults) })
  await journal.append([finished], JOURNAL_TIMEOUT_MS)
  return {
    ok: faults.length === 0,
    at: new Date(now).toISOString(),
    checked,
    checks: checksOf(checked, faults),
    faults,
    uncovered,
  }
}

async function checkBatch(
  deps: StoreAuditDeps,
  rows: readonly KeptRecording[],
  now: number,
  stopping: AbortSignal | undefined,
): Promise<CheckResult> {
  const calls = [...new Set(rows.map(({ call }) => call))]
  const journalled = new Map(
    (await readRecordings(deps.db, { calls })).map(recording => [recording.id, recording]),
  )
  const faults: AuditFault[] = []
  const uncovered: Uncovered[] = []
  for (const row of rows) {
    stopping?.throwIfAborted()
    const recording = journalled.get(row.id)
    const found = checkRetention(row, recording, now)
    if (recording) {
      const checked = await checkRecording(deps, recording)
      found.push(...checked.faults)
      uncovered.push(...checked.uncovered)
    } else
      found.push({ kind: 'consent-missing', what: 'the journal does not know the recording', where: row.id })
    faults.push(...found.map(fault => ({ ...fault, recording: row.id })))
  }
  return { faults, uncovered }
}
