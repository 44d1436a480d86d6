import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { openDatabase } from '../../../src/db/database.js'

/** Longest time until the last recordings are finished after the hang-up, ms. */
const FINISH_LIMIT_MS = 30_000
/** Bytes of a second of WAV as Asterisk writes it: 8,000 samples of 16 bits. */
const WAV_SECOND = 16_000

/**
 * Counts the calls of one round that were recorded completely: sealed, stored and synced to the end, without a lost byte, and
 * not shorter than the measurement.
 *
 * @param since start of the round
 * @param calls how many are expected
 * @param talkMs length of the measurement
 * @param tell is told of each recording that is not complete
 */
export async function countCompleteRecordings(
  { database }: Lab,
  since: Date,
  calls: number,
  talkMs: number,
  tell: (line: string) => void = () => {},
): Promise<number> {
  const db = openDatabase(database.url)
  const all = () =>
    db
      .selectFrom('recording')
      .where('prepared_at', '>=', since)
      .select(['id', 'state', 'seconds', 'lost_bytes'])
      .execute()
  type Row = Awaited<ReturnType<typeof all>>[number]
  const isWhole = ({ state, seconds, lost_bytes }: Row) =>
    state === 'finished' && Number(seconds) >= talkMs / 1_000 && Number(lost_bytes) === 0
  const whole = async () => (await all()).filter(isWhole).length
  try {
    await pollUntil(async () => (await whole()) === calls, FINISH_LIMIT_MS)
    for (const row of await all())
      if (!isWhole(row)) tell(`${row.id}: ${row.state}, ${row.seconds} s, ${row.lost_bytes} bytes lost`)
    return await whole()
  } finally {
    await db.close()
  }
}

/** Removes all WAV files of a folder. @returns how many were not shorter than `talkMs` */
export async function removeAndCountLegs(folder: string, talkMs: number): Promise<number> {
  const files = (await readdir(folder)).filter(name => name.endsWith('.wav')).map(name => join(folder, name))
  const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
  await Promise.all(files.map(file => rm(file)))
  return sizes.filter(size => size >= (talkMs / 1_000) * WAV_SECOND).length
}
