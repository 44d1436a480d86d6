import type { Db } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { isUuid, type RecordingId } from '../shared/ids.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'
import type { PartToOpen } from './open-recording.js'

/**
 * The containers and key files of one recording, in order.
 *
 * @throws AppError `not-found` when there is no such recording or nothing of it was kept; `key.missing` when a key was
 *   destroyed, which is for good
 */
export async function findParts(
  { db, store, keyStore }: { db: Db; store: ObjectStore; keyStore: KeyStore },
  id: string,
): Promise<PartToOpen[]> {
  const rows = isUuid(id) ? await partsOf(db, id as RecordingId) : []
  if (rows.length === 0)
    throw new AppError('not-found', `There is no recording ${isUuid(id) ? id : 'with such an id'}.`)
  const parts: PartToOpen[] = []
  for (const row of rows) {
    const key = await keyStore.find(row.id)
    if (!key)
      throw new AppError(
        'key.missing',
        `The key of recording ${id} is not there: it was destroyed, or the key store is another one.`,
      )
    parts.push({ source: await store.open(row.object), wrappedKey: await keyStore.get(key) })
  }
  return parts
}

const partsOf = (db: Db, id: RecordingId) =>
  db.selectFrom('part').select(['id', 'object']).where('recording_id', '=', id).orderBy('number').execute()
