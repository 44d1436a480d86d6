import { AppError, codeOf } from '../../core/errors.js'
import { isUuid, type RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'
import type { KeyStore } from '../../vault/keys/key-store.js'
import { archiveAt } from '../../vault/store/object-name.js'
import type { Archive } from '../../vault/store/store.js'
import type { PartToOpen } from './open-recording.js'

/** States in which the recording is destroyed, or will be within minutes. */
const DESTROYED: ReadonlySet<RecordingState> = new Set(['destroying', 'destroyed'])

/**
 * Opens the containers and key files of one recording, calls `work` with them in order, and closes them again.
 *
 * @throws AppError `not-found` if there is no such recording or it has no audio; `key.missing` if it was destroyed, even if
 *   its files were copied back since; `store.unwritable` if a store is away; what `work` throws
 */
export async function withParts<T>(
  { db, store, keyStore }: { db: Db; store: Archive; keyStore: KeyStore },
  id: string,
  work: (parts: PartToOpen[]) => Promise<T>,
): Promise<T> {
  const rows = isUuid(id) ? await findPartRows(db, id as RecordingId) : []
  if (rows.length === 0) throw await absentRecordingError(db, id)
  if (rows.some(({ state }) => DESTROYED.has(state))) throw await missingKeyError(db, id as RecordingId)
  const parts: PartToOpen[] = []
  try {
    for (const row of rows) {
      const key = await keyStore.find(row.id)
      if (!key) throw await missingKeyError(db, id as RecordingId)
      const archive = archiveAt(store, row.location)
      const name = `part ${row.number}, ${archive.locate(row.object)}`
      parts.push({
        name,
        wrappedKey: await keyStore.get(key),
        source: await archive.open(row.object).catch(rethrowIfMissing(name, id)),
      })
    }
    return await work(parts)
  } finally {
    // All parts have been read, so the close need not wait for a hanging store.
    for (const { source } of parts) source.close().catch(() => undefined)
  }
}

const rethrowIfMissing = (name: string, id: string) => (error: unknown) => {
  if (codeOf(error) !== 'not-found') throw error
  const advice = `See all that is wrong: consentry verify ${id}. Then put the container back from a copy of the store.`
  throw new AppError('not-found', `${name}: it is not in the store. ${advice}`, { cause: error })
}

const findPartRows = (db: Db, id: RecordingId) =>
  db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'part.recording_id')
    .select(['part.id', 'part.number', 'part.object', 'part.location', 'recording.state'])
    .where('recording_id', '=', id)
    .orderBy('number')
    .execute()

/** @returns number of parts that the database knows of a recording */
export const countParts = async (db: Db, id: RecordingId): Promise<number> =>
  (await findPartRows(db, id)).length

const CAUSES = {
  term: 'its retention ended',
  withdrawal: 'consent was withdrawn',
  erasure: 'it was erased',
}

const findRecording = (db: Db, id: RecordingId) =>
  db
    .selectFrom('recording as r')
    .leftJoin('act as a', 'a.id', 'r.act')
    .where('r.id', '=', id)
    .select(['r.state', 'r.destroyed_at', 'a.id as act', 'a.number', 'a.cause', 'a.by'])
    .executeTakeFirst()

/** @returns the error for a recording without parts: its id is unknown, or it has no audio */
async function absentRecordingError(db: Db, id: string): Promise<AppError> {
  const row = isUuid(id) ? await findRecording(db, id as RecordingId) : undefined
  if (row && row.state !== 'destroyed' && row.state !== 'destroying')
    return new AppError('not-found', `Recording ${id} has no audio: it is ${row.state}.`)
  if (row) return missingKeyError(db, id as RecordingId)
  const which = isUuid(id) ? id : 'with such an id'
  return new AppError('not-found', `There is no recording ${which}. See them all: consentry calls.`)
}

/** @returns the error for a recording without its key: it was destroyed, when and by which act, or the key is missing */
async function missingKeyError(db: Db, id: RecordingId): Promise<AppError> {
  const row = await findRecording(db, id)
  const act = row?.act
    ? `, under act ${row.number ?? row.act} by ${row.by}: ${row.cause ? CAUSES[row.cause] : ''}. See consentry act show ${row.number ?? row.act}`
    : ''
  if (row?.state === 'destroyed') {
    const when = row.destroyed_at ? ` on ${row.destroyed_at.toISOString()}` : ''
    return keyMissing(`Recording ${id} was destroyed${when}${act}.`)
  }
  if (row?.state === 'destroying') return keyMissing(`Recording ${id} is being destroyed${act}.`)
  return keyMissing(
    `The key of recording ${id} is missing, although no act destroyed it. Check that CONSENTRY_KEYSTORE names the key store of the service. To see what else is missing, run consentry audit.`,
  )
}

const keyMissing = (message: string) => new AppError('key.missing', message)
