import { type Db, sql } from '../db/database.js'
import { uncoveredBytes, verifyPart } from '../playback/verify-recording.js'
import { SAMPLE_RATE } from '../shared/audio.js'
import type { RecordingId } from '../shared/ids.js'
import { keyIdsOf } from '../vault/crypto/key-file.js'
import type { Identity, Recipient } from '../vault/crypto/types.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'
import type { AuditFault, AuditKind, Uncovered } from './faults.js'
import { findKey } from './find-key.js'
import { inspectContainer } from './inspect-container.js'
import type { JournalledPart, JournalledRecording } from './journalled-recordings.js'

export interface AuditDeps {
  db: Db
  store: ObjectStore
  keyStore: KeyStore
  /** With it everything is decrypted as well; without, structure and hashes are checked. */
  identities?: Identity[]
  /** With it key files are held against those for whom they must be sealed. */
  recipients?: readonly Recipient[]
}

/** The result of checking one recording. */
export interface CheckResult {
  faults: AuditFault[]
  uncovered: Uncovered[]
}

/** What destruction takes away: its absence is no fault while that is under way. */
const REMOVED_BY_DESTRUCTION: readonly AuditKind[] = ['object-missing', 'key-missing']

/**
 * Holds one recording against the journal: it rests on a yes that was journalled before it, its containers are as they
 * were when their hashes were journalled, its keys are there; or it was destroyed, and nothing of it is.
 */
export async function checkRecording(deps: AuditDeps, recording: JournalledRecording): Promise<CheckResult> {
  const faults: AuditFault[] = []
  const uncovered: Uncovered[] = []
  if (!recording.consented) {
    faults.push({
      kind: 'consent-missing',
      what: 'no yes to its purpose stands in the journal before it',
      where: recording.id,
    })
  }
  for (const part of recording.parts) {
    const found = recording.destroyed
      ? await findRemains(deps, recording, part)
      : await checkPart(deps, recording, part, uncovered)
    faults.push(...found)
  }
  const gone = faults.some(({ kind }) => REMOVED_BY_DESTRUCTION.includes(kind))
  const going = gone && (await isBeingDestroyed(deps.db, recording.id))
  return {
    faults: going ? faults.filter(({ kind }) => !REMOVED_BY_DESTRUCTION.includes(kind)) : faults,
    uncovered,
  }
}

/** @param uncovered gets the end of the container that no hash covers, if there is one */
async function checkPart(
  deps: AuditDeps,
  { id, prepared, ended: over }: JournalledRecording,
  { info, object, progress, ended }: JournalledPart,
  uncovered: Uncovered[],
): Promise<AuditFault[]> {
  const faults: AuditFault[] = []
  const { identities } = deps
  const expected = { purpose: info.purpose, due: prepared?.due ?? '1970-01-01', part: info.part }
  const key = await findKey(deps.keyStore, expected)
  if (!key) faults.push({ kind: 'key-missing', what: 'its key file is not in the key store', where: object })
  else faults.push(...checkKey(deps, info.part, key))
  const opening = key && identities ? { identities, wrappedKey: key.wrapped } : {}
  const held = { name: object, progress, ...(ended ? { ended } : {}), expected: info, ...opening }
  const what = 'the journal knows this container, the store does not have it'
  const missing: AuditFault = { kind: 'object-missing', what, where: object }
  const found = await inspectContainer(
    deps.store,
    object,
    source => {
      const bytes = uncoveredBytes({ ...held, source })
      const seconds = Math.round(bytes / 2 / SAMPLE_RATE)
      if (bytes > 0) uncovered.push({ where: object, recording: id, bytes, seconds, running: !over })
      return verifyPart({ ...held, source })
    },
    [missing],
  )
  return [...faults, ...found]
}

/** Whether a key file is whole, and sealed for those who are to open it, where they are known. */
function checkKey(
  { keyStore, recipients = [] }: AuditDeps,
  part: JournalledPart['info']['part'],
  key: NonNullable<Awaited<ReturnType<typeof findKey>>>,
): AuditFault[] {
  const { purpose } = key.ref
  const where = keyStore.locate(key.ref)[0] ?? part
  const wanted = recipients.filter(recipient => recipient.purpose === purpose).map(({ keyId }) => keyId)
  try {
    const has = keyIdsOf(key.wrapped, part)
    if (wanted.length === 0 || (has.length === wanted.length && wanted.every(keyId => has.includes(keyId))))
      return []
    return [{ kind: 'key-outdated', what: `sealed for ${has}, not for ${wanted}: rotate again`, where }]
  } catch (error) {
    return [{ kind: 'key-refused', what: (error as Error).message, where }]
  }
}

async function findRemains(
  { store, keyStore }: AuditDeps,
  { prepared }: JournalledRecording,
  { info, object }: JournalledPart,
): Promise<AuditFault[]> {
  const what = 'the recording was destroyed, its container is there'
  const present: AuditFault = { kind: 'destroyed-present', what, where: object }
  const faults = await inspectContainer(store, object, async () => [present])
  const ref = prepared && { purpose: prepared.purpose, due: prepared.due, part: info.part }
  const [standing] = ref && keyStore.accepts(ref.purpose) ? await keyStore.existingPaths(ref) : []
  if (standing)
    faults.push({
      kind: 'destroyed-present',
      what: 'the recording was destroyed, its key is there',
      where: standing,
    })
  return faults
}

/**
 * Whether its destruction is under way, or was journalled while we looked. For a day at most: what takes longer has come
 * to a stop.
 */
async function isBeingDestroyed(db: Db, id: RecordingId): Promise<boolean> {
  const { rows } = await sql<{ going: boolean }>`
    select exists (
        select from event where event.call_id = r.call_id and event.type = 'recording.destroyed'
          and event.data ->> 'recording' = r.id::text)
      or (r.state = 'destroying' and act.opened_at > now() - interval '1 day')
      or coalesce(r.revoked_at > now() - interval '1 day', false) as going
    from recording r left join act on act.id = r.act where r.id = ${id}`.execute(db)
  return rows[0]?.going ?? false
}
