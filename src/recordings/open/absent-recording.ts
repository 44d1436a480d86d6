import { AppError } from '../../core/errors.js'
import { isUuid, type RecordingId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'

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
export async function absentRecordingError(db: Db, id: string): Promise<AppError> {
  const row = isUuid(id) ? await findRecording(db, id as RecordingId) : undefined
  if (row && row.state !== 'destroyed' && row.state !== 'destroying')
    return new AppError('not-found', `Recording ${id} has no audio: it is ${row.state}.`)
  if (row) return missingKeyError(db, id as RecordingId)
  const which = isUuid(id) ? id : 'with such an id'
  return new AppError('not-found', `There is no recording ${which}. See them all: consentry calls.`)
}

/** @returns the error for a recording without its key: it was destroyed, when and by which act, or the key is missing */
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
    `The key of recording ${id} is missing, although no act destroyed it. Check that CONSENTRY_KEYSTORE names the key store of the service. To see what else is missing, run consentry audit.`,
  )
}

const keyMissing = (message: string) => new AppError('key.missing', message)
