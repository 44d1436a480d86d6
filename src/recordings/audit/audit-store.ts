/*
 * The audit compares all stored recordings, containers and key files with the journal. This file runs the whole audit.
 * `verify-recordings` runs the part that needs only the journal and the stores.
 */

import { type Clock, DAY_MS, dayOf, dueDay } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { EventSink } from '../../core/ports.js'
import { counted } from '../../lib/plural.js'
import type { KeyEntry } from '../../vault/keys/key-store.js'
import {
  countRecordings,
  findParts,
  type KeptRecording,
  listKeptRecordings,
  listUnjournalledDestructions,
  type PartRow,
} from './audit-rows.js'
import { type AuditDeps, type CheckResult, checkRecording } from './check-recording.js'
import type { AuditFault, AuditKind, Uncovered } from './faults.js'
import { type JournalledRecording, readRecordings } from './journalled-recordings.js'
import { checkUnknown, inspectContainer, NEW_PART_MS } from './unknown-container.js'

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

/**
 * How long a recording may remain after it became due, ms. The next purge destroys it, and the operator chooses how
 * often the purge runs.
 */
const GRACE_MS = DAY_MS

/**
 * Checks the retention of a recording:
 *
 * - The recording is not overdue, unless a hold or block keeps it.
 * - Its due day is the journalled one.
 * - Its due day is not later than the retention to which the caller agreed.
 *
 * @param now ms since the epoch
 */
function checkRetention(
  row: KeptRecording,
  journalled: JournalledRecording | undefined,
  now: number,
): AuditFault[] {
  const faults: AuditFault[] = []
  const { due, revokedAt, held } = row
  const live = row.state === 'recording' && now - row.preparedAt.getTime() < DAY_MS
  if (!live && !held && due <= dayOf(now - GRACE_MS))
    faults.push({ kind: 'overdue', what: `it should have been destroyed by ${due}`, where: row.id })
  else if (!live && revokedAt && revokedAt.getTime() < now - GRACE_MS)
    faults.push({
      kind: 'overdue',
      what: 'it should have been destroyed when its consent was withdrawn or its erasure ordered',
      where: row.id,
    })
  const journalledDue = journalled?.prepared?.due
  // One day is added, because the retention may begin some milliseconds before the time in the row, on the previous day.
  const agreed = dueDay(row.preparedAt.getTime() + DAY_MS, row.retentionDays)
  if (journalledDue !== undefined && journalledDue !== due)
    faults.push({
      kind: 'term-differs',
      what: `it is due on ${due}, but the journal says ${journalledDue}`,
      where: row.id,
    })
  else if (due > agreed)
    faults.push({
      kind: 'term-differs',
      what: `it is due on ${due}, but the caller agreed to ${counted(row.retentionDays, 'day', 'days')}`,
      where: row.id,
    })
  return faults
}

/** One check of an audit, with the number of faults. */
interface AuditCheck {
  check: string
  /** Number of recordings, containers or keys that were checked. */
  of: number
  faults: number
}

/** How much an audit checked. */
interface AuditCounts {
  recordings: number
  objects: number
  keys: number
}

/** Every kind of fault, with the check that finds it. The order follows the life of a recording. */
const CHECKS: readonly { check: string; of: keyof AuditCounts; kinds: readonly AuditKind[] }[] = [
  { check: 'each recording rests on a yes', of: 'recordings', kinds: ['consent-missing'] },
  {
    check: 'each container is there',
    of: 'recordings',
    kinds: ['object-missing', 'object-unreadable', 'not-found'],
  },
  {
    check: 'each container is as it was sealed',
    of: 'recordings',
    kinds: [
      'container-damaged',
      'container-cut',
      'container-grown',
      'hash-differs',
      'header-differs',
      'key-refused',
    ],
  },
  { check: 'each key is there', of: 'recordings', kinds: ['key-missing'] },
  { check: 'each key is sealed for the recipients of today', of: 'recordings', kinds: ['key-outdated'] },
  { check: 'each key lies under its day, on every mirror', of: 'keys', kinds: ['key-day', 'key-unmirrored'] },
  { check: 'nothing is kept past its term', of: 'recordings', kinds: ['overdue', 'term-differs'] },
  {
    check: 'what was destroyed is gone, and journalled',
    of: 'recordings',
    kinds: ['destroyed-present', 'destroyed-unjournalled'],
  },
  { check: 'each container is known', of: 'objects', kinds: ['object-orphan', 'object-unjournalled'] },
  { check: 'each key is known', of: 'keys', kinds: ['key-orphan'] },
  { check: 'purposes are apart', of: 'objects', kinds: ['misplaced'] },
]

/** @returns all checks with their number of faults */
const checksOf = (counts: AuditCounts, faults: readonly AuditFault[]): AuditCheck[] =>
  CHECKS.map(({ check, of, kinds }) => ({
    check,
    of: counts[of],
    faults: faults.filter(({ kind }) => kinds.includes(kind)).length,
  }))

/** @returns the number of faults of each kind */
function countKinds(faults: readonly AuditFault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Entries of a store that one query reads. */
const BATCH_SIZE = 500

/**
 * Checks that every container in the store belongs to a recording that is not destroyed.
 *
 * @param now ms since the epoch
 */
async function checkObjects(
  { db, store }: AuditDeps,
  now: number,
): Promise<{ objects: number; faults: AuditFault[] }> {
  const faults: AuditFault[] = []
  let objects = 0
  for await (const batch of inBatches(store.list())) {
    objects += batch.length
    const rows = await findParts(db, { objects: batch.map(({ name }) => name), at: store.location })
    const known = new Map(rows.map(row => [row.object, row]))
    for (const { name, modifiedAt } of batch) {
      const row = known.get(name)
      const what = 'the database knows no part that has this container'
      const orphan: AuditFault = { kind: 'object-orphan', what, where: name }
      faults.push(
        ...(row ? await checkKnown(row) : await checkUnknown(store, { name, modifiedAt }, now, orphan)),
      )
    }
  }
  for await (const where of store.misplaced())
    faults.push({ kind: 'misplaced', what: 'the container is in the folder of another purpose', where })
  return { objects, faults }

  async function checkKnown({ state, object, recording }: PartRow): Promise<AuditFault[]> {
    if (state !== 'destroyed') return []
    const what = 'the recording was destroyed, but its container is in the store'
    // The recording may have been destroyed after the store was listed.
    return inspectContainer(store, object, async () => [
      { kind: 'destroyed-present', what, where: object, recording },
    ])
  }
}

/**
 * Checks that every key file belongs to a part, is under the right purpose and due day, and is on every mirror.
 *
 * @param now ms since the epoch
 */
export async function checkKeys(
  { db, keyStore }: AuditDeps,
  now: number,
): Promise<{ keys: number; faults: AuditFault[] }> {
  const faults: AuditFault[] = []
  let keys = 0
  for await (const batch of inBatches(keyStore.list())) {
    keys += batch.length
    const rows = await findParts(db, { parts: batch.map(({ part }) => part) })
    const known = new Map(rows.map(row => [row.part, row]))
    for (const entry of batch) {
      const standing = await keyStore.existingPaths(entry)
      const row = known.get(entry.part)
      const fault = findKeyFault(entry, row, standing)
      const of = row ? { recording: row.recording } : {}
      if (fault) faults.push({ ...fault, where: standing[0] ?? entry.part, ...of })
    }
  }
  for await (const where of keyStore.misplaced())
    faults.push({ kind: 'misplaced', what: 'the key file is in the folder of another purpose', where })
  return { keys, faults }

  /** @param standing paths of the key file on the mirrors; empty if it was destroyed after the listing */
  function findKeyFault(
    entry: KeyEntry,
    row: PartRow | undefined,
    standing: readonly string[],
  ): Omit<AuditFault, 'where'> | undefined {
    if (standing.length === 0) return undefined
    if (!row) {
      if (now - entry.modifiedAt < NEW_PART_MS) return undefined
      return { kind: 'key-orphan', what: 'the database knows no part that has this key' }
    }
    if (row.state === 'destroyed')
      return {
        kind: 'destroyed-present',
        what: 'the recording was destroyed, but its key is in the key store',
      }
    if (entry.due !== row.due || entry.purpose !== row.purpose)
      return { kind: 'key-day', what: `the key file belongs in ${row.purpose}/${row.due}` }
    const mirrors = keyStore.locate(entry).length
    if (standing.length === mirrors || row.state === 'destroying') return undefined
    return { kind: 'key-unmirrored', what: `the key file is on ${standing.length} of ${mirrors} mirrors` }
  }
}

async function* inBatches<T>(entries: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const entry of entries) {
    batch.push(entry)
    if (batch.length < BATCH_SIZE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
