import type { Db } from '../db/database.js'
import { type Fault, verifyPart } from '../recording/verify-recording.js'
import type { RecordingId } from '../shared/ids.js'
import type { Identity } from '../vault/crypto/types.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'
import { type JournalledRecording, journalledRecordings } from './journalled-recordings.js'

/** Something that does not hold: of a container, or between the journal and what is kept. */
export interface AuditFault {
  kind: Fault['kind'] | 'object-missing' | 'object-unjournalled' | 'consent-missing' | 'not-found'
  what: string
  /** Name of the object, or id of the recording. */
  where: string
}

export interface AuditResult {
  checked: { events: number; recordings: number }
  faults: AuditFault[]
}

export interface AuditDeps {
  db: Db
  store: ObjectStore
  keyStore: KeyStore
  /** With it everything is decrypted as well; without, structure and hashes are checked. */
  identities?: Identity[]
}

/**
 * Holds recordings against the journal: each rests on a yes that was journalled before it, each container is as it was
 * when its hash was journalled, none is missing, and the store holds nothing that the journal does not know.
 *
 * @param only one recording; all of them and the store's own listing without it
 * @param progress called after each recording
 */
export async function verifyRecordings(
  deps: AuditDeps,
  only?: RecordingId,
  progress: (done: number, of: number) => void = () => {},
): Promise<AuditResult> {
  const recordings = await journalledRecordings(deps.db, only)
  const faults: AuditFault[] = []
  let events = 0
  for (const [done, recording] of recordings.entries()) {
    faults.push(...(await verifyOne(deps, recording)))
    events += recording.events
    progress(done + 1, recordings.length)
  }
  if (only && recordings.length === 0)
    faults.push({ kind: 'not-found', what: 'there is no such recording', where: only })
  if (!only) faults.push(...(await strangers(deps.store, recordings)))
  return { checked: { events, recordings: recordings.length }, faults }
}

async function verifyOne(deps: AuditDeps, recording: JournalledRecording): Promise<AuditFault[]> {
  const faults: AuditFault[] = []
  if (!recording.consented) {
    faults.push({
      kind: 'consent-missing',
      what: 'no yes to its purpose stands in the journal before it',
      where: recording.id,
    })
  }
  for (const { info, object, progress, ended } of recording.parts) {
    const source = await deps.store.open(object).catch(() => undefined)
    if (!source) {
      faults.push({
        kind: 'object-missing',
        what: 'the journal knows this container, the store does not have it',
        where: object,
      })
      continue
    }
    const key = deps.identities && (await deps.keyStore.find(info.part))
    const wrappedKey = key && (await deps.keyStore.get(key))
    const opening = deps.identities
      ? { identities: deps.identities, ...(wrappedKey ? { wrappedKey } : {}) }
      : {}
    if (deps.identities && !wrappedKey)
      faults.push({ kind: 'key-missing', what: 'its key file is not in the key store', where: object })
    faults.push(
      ...(await verifyPart({
        name: object,
        source,
        progress,
        ...(ended ? { ended } : {}),
        expected: info,
        ...opening,
      })),
    )
    source.close()
  }
  return faults
}

async function strangers(store: ObjectStore, recordings: JournalledRecording[]): Promise<AuditFault[]> {
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
