import type { Connection } from '../../db/connection.js'
import { personalHash } from '../../lib/canonical-json.js'
import type { Faults } from './faults.js'

/** Rows per fetch. */
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
 * Compares every personal part with the hash in its event, which the log covers. An event without its personal part is
 * no fault, because personal parts may be erased. A part without a salt is no fault either: an erasure left only the
 * name of the actor in it.
 *
 * @param connection in a transaction
 * @returns number of checked rows
 */
export async function verifyPersonal(connection: Connection, faults: Faults): Promise<number> {
  await connection.query(CURSOR)
  let checked = 0
  for (;;) {
    const { rows } = await connection.query<PersonalRow>(`fetch ${ROWS_PER_FETCH} from personal`)
    for (const { id, salt, data, hash } of rows) {
      checked++
      if (salt.length === 0) continue
      if (hash === null)
        faults.add('personal-changed', `event ${id}`, 'it has personal data, but was logged without')
      else if (personalHash(salt, data) !== hash)
        faults.add('personal-changed', `event ${id}`, 'its personal data differs from what was logged')
    }
    if (rows.length === 0) return checked
  }
}
