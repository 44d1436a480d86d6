import type { Connection } from '../../db/connection.js'
import { personalHash } from '../../shared/personal-hash.js'
import type { Faults } from './faults.js'

/** Rows fetched at once. */
const ROWS_PER_FETCH = 1_000

interface PersonalRow {
  id: number
  salt: Buffer
  data: unknown
  hash: string | null
}

const CURSOR = `declare personal no scroll cursor for
  select event.id, personal.salt, personal.data, encode(event.personal_hash, 'hex') as hash
  from event_personal personal join event on event.uuid = personal.event`

/**
 * Holds the personal data that is still there against the hashes in the events, which the log covers. A row that is gone
 * was erased, as it may be.
 *
 * @param connection within a transaction
 * @returns how many rows were checked
 */
export async function verifyPersonal(connection: Connection, faults: Faults): Promise<number> {
  await connection.query(CURSOR)
  let checked = 0
  for (;;) {
    const { rows } = await connection.query<PersonalRow>(`fetch ${ROWS_PER_FETCH} from personal`)
    for (const { id, salt, data, hash } of rows) {
      checked++
      if (hash === null)
        faults.add('personal-changed', `event ${id}`, 'it has personal data, and was logged without')
      else if (personalHash(salt, data) !== hash)
        faults.add('personal-changed', `event ${id}`, 'its personal data is not what was logged')
    }
    if (rows.length === 0) return checked
  }
}
