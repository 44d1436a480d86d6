import { AppError, codeOf } from '../../core/errors.js'
import { isUuid, type RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import type { RecordingState } from '../../db/tables.js'
import type { KeyStore } from '../../vault/keys/key-store.js'
import { archiveAt } from '../../vault/store/archive-at.js'
import type { Archive } from '../../vault/store/store.js'
import { absentRecordingError, missingKeyError } from './absent-recording.js'
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
