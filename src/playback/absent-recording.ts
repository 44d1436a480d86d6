import type { Db } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { isUuid, type RecordingId } from '../shared/ids.js'

const CAUSES = { term: 'its term was over', withdrawal: 'the yes was taken back', erasure: 'it was erased' }

const findRecording = (db: Db, id: RecordingId) =>
  db
    .selectFrom('recording as r')
    .leftJoin('act as a', 'a.id', 'r.act')
    .where('r.id', '=', id)
    .select(['r.state', 'r.destroyed_at', 'a.id as act', 'a.number', 'a.cause', 'a.by'])
    .executeTakeFirst()

/** Why a recording has no part: there is none of this id, or nothing of it was kept. */
export async function absentRecordingError(db: Db, id: string): Promise<AppError> {
  const row = isUuid(id) ? await findRecording(db, id as RecordingId) : undefined
  if (row && row.state !== 'destroyed' && row.state !== 'destroying')
    return new AppError('not-found', `Nothing of recording ${id} was kept: it is ${row.state}.`)
  if (row) return missingKeyError(db, id as RecordingId)
  const which = isUuid(id) ? id : 'with such an id'
  return new AppError('not-found', `There is no recording ${which}. See them all: consentry calls.`)
}

/** Why the key of a recording is not there: it was destroyed, when and under which act; or it is missing. */
export async function missingKeyError(db: Db, id: RecordingId): Promise<AppError> {
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
    `The key of recording ${id} is missing, though nobody has destroyed it: see that CONSENTRY_KEYSTORE names the key store of the service; consentry audit tells what else is missing.`,
  )
}

const keyMissing = (message: string) => new AppError('key.missing', message)
