import { SAMPLE_RATE } from '../../core/audio.js'
import { codeOf } from '../../core/errors.js'
import type { RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { keyIdsOf } from '../../vault/crypto/key-file.js'
import type { Identity, Recipient } from '../../vault/crypto/types.js'
import type { KeyRef, KeyStore } from '../../vault/keys/key-store.js'
import { archiveAt } from '../../vault/store/object-name.js'
import type { Archive } from '../../vault/store/store.js'
import { uncoveredBytes, verifyPart } from '../open/verify-recording.js'
import type { AuditFault, AuditKind, Uncovered } from './faults.js'
import type { JournalledPart, JournalledRecording } from './journalled-recordings.js'
import { inspectContainer } from './unknown-container.js'

/** What checking recordings works with. */
export interface AuditDeps {
  db: Db
  store: Archive
  keyStore: KeyStore
  /** With identities, containers are also decrypted. Without them, only structure and hashes are checked. */
  identities?: Identity[]
  /** With recipients, the check also compares for whom key files are sealed. */
  recipients?: readonly Recipient[]
}

/** The result of checking one recording. */
export interface CheckResult {
  faults: AuditFault[]
  uncovered: Uncovered[]
}

/** Faults that are normal while a recording is being destroyed. */
const REMOVED_BY_DESTRUCTION: readonly AuditKind[] = ['object-missing', 'key-missing']

/**
 * Checks one recording against the journal:
 *
 * - The journal has a consent before the recording.
 * - The containers match their journalled hashes.
 * - The keys are in the key store.
 * - Of a destroyed recording, no container and no key remains.
 *
 * @throws AppError `store.unwritable` if a store is away
 */
export async function checkRecording(deps: AuditDeps, recording: JournalledRecording): Promise<CheckResult> {
  const faults: AuditFault[] = []
  const uncovered: Uncovered[] = []
  if (!recording.consented) {
    faults.push({
      kind: 'consent-missing',
      what: 'the journal has no consent to its purpose before the recording',
      where: recording.id,
    })
  }
  for (const part of recording.parts) {
    const found = recording.destroyed
      ? await findRemains(deps, recording, part)
      : await checkPart(deps, recording, part, uncovered)
    faults.push(...found)
  }
  const isAbsent = faults.some(({ kind }) => REMOVED_BY_DESTRUCTION.includes(kind))
  const isExpected = isAbsent && (await isBeingDestroyed(deps.db, recording.id))
  return {
    faults: isExpected ? faults.filter(({ kind }) => !REMOVED_BY_DESTRUCTION.includes(kind)) : faults,
    uncovered,
  }
}

/** @param uncovered the check adds the end of the container to this list if no hash covers it */
async function checkPart(
  deps: AuditDeps,
  { id, prepared, ended: recordingEnded }: JournalledRecording,
  { info, object, location, progress, ended }: JournalledPart,
  uncovered: Uncovered[],
): Promise<AuditFault[]> {
  const faults: AuditFault[] = []
  const { identities } = deps
  const expected = { purpose: info.purpose, due: prepared?.due ?? '1970-01-01', part: info.part }
  const key = await findKey(deps.keyStore, expected)
  if (!key) faults.push({ kind: 'key-missing', what: 'the key file is not in the key store', where: object })
  else faults.push(...checkKey(deps, info.part, key))
  const opening = key && identities ? { identities, wrappedKey: key.wrapped } : {}
  const container = { name: object, progress, ...(ended ? { ended } : {}), expected: info, ...opening }
  const what = 'the journal knows this container, but the store does not have it'
  const missing: AuditFault = { kind: 'object-missing', what, where: object }
  const found = await inspectContainer(
    archiveAt(deps.store, location),
    object,
    source => {
      const bytes = uncoveredBytes({ ...container, source })
      const seconds = Math.round(bytes / 2 / SAMPLE_RATE)
      if (bytes > 0)
        uncovered.push({ where: object, recording: id, bytes, seconds, running: !recordingEnded })
      return verifyPart({ ...container, source })
    },
    [missing],
  )
  return [...faults, ...found]
}

/** Checks that a key file is not damaged. If recipients are known, it also checks that the key file is sealed for exactly them. */
function checkKey(
  { keyStore, recipients = [] }: AuditDeps,
  part: JournalledPart['info']['part'],
  key: NonNullable<Awaited<ReturnType<typeof findKey>>>,
): AuditFault[] {
  const { purpose } = key.ref
  const where = keyStore.locate(key.ref)[0] ?? part
  const expected = recipients.filter(recipient => recipient.purpose === purpose).map(({ keyId }) => keyId)
  try {
    const actual = keyIdsOf(key.wrapped, part)
    if (
      expected.length === 0 ||
      (actual.length === expected.length && expected.every(keyId => actual.includes(keyId)))
    )
      return []
    return [
      {
        kind: 'key-outdated',
        what: `sealed for ${actual}, not for ${expected}: rotate the keys again`,
        where,
      },
    ]
  } catch (error) {
    return [{ kind: 'key-refused', what: (error as Error).message, where }]
  }
}

async function findRemains(
  { store, keyStore }: AuditDeps,
  { prepared }: JournalledRecording,
  { info, object, location }: JournalledPart,
): Promise<AuditFault[]> {
  const what = 'the recording was destroyed, but its container is in the store'
  const present: AuditFault = { kind: 'destroyed-present', what, where: object }
  const faults = await inspectContainer(archiveAt(store, location), object, async () => [present])
  const ref = prepared && { purpose: prepared.purpose, due: prepared.due, part: info.part }
  const [standing] = ref && keyStore.accepts(ref.purpose) ? await keyStore.existingPaths(ref) : []
  if (standing)
    faults.push({
      kind: 'destroyed-present',
      what: 'the recording was destroyed, but its key is in the key store',
      where: standing,
    })
  return faults
}

/**
 * Whether a recording is being destroyed, or was destroyed during the check. A destruction that began more than a day
 * ago does not count, because it has failed.
 */
async function isBeingDestroyed(db: Db, id: RecordingId): Promise<boolean> {
  const { rows } = await sql<{ destroying: boolean }>`
    select exists (
        select from event where event.call_id = r.call_id and event.type = 'recording.destroyed'
          and event.data ->> 'recording' = r.id::text)
      or (r.state = 'destroying' and act.opened_at > now() - interval '1 day')
      or coalesce(r.revoked_at > now() - interval '1 day', false) as destroying
    from recording r left join act on act.id = r.act where r.id = ${id}`.execute(db)
  return rows[0]?.destroying ?? false
}

/**
 * Reads the key file of a part. If it is not under its own due day, the other days are searched, because a container
 * can be opened with its key from anywhere.
 *
 * @returns the key file and its place; undefined if none exists
 */
async function findKey(
  keyStore: KeyStore,
  expected: KeyRef,
): Promise<{ ref: KeyRef; wrapped: Buffer } | undefined> {
  const content = await contentOf(keyStore, expected)
  if (content) return { ref: expected, wrapped: content }
  const ref = await keyStore.find(expected.part)
  const wrapped = ref && (await contentOf(keyStore, ref))
  return wrapped && { ref, wrapped }
}

async function contentOf(keyStore: KeyStore, ref: KeyRef): Promise<Buffer | undefined> {
  try {
    return await keyStore.get(ref)
  } catch (error) {
    if (codeOf(error) === 'not-found') return undefined
    throw error
  }
}
