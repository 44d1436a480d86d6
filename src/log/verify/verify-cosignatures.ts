import type { Connection } from '../../db/connection.js'
import { COSIGNATURE, parseNote, parseSignature, parseVerifier, verifies } from '../notes/note.js'
import type { Faults } from './faults.js'

/** Rows per fetch. */
const ROWS_PER_FETCH = 1_000

interface CosignatureRow {
  size: number
  line: string
  /** Null if the checkpoint is missing. */
  note: string | null
}

const CURSOR = `declare cosignatures no scroll cursor for
  select s.size, s.line, c.note from log_cosignature s left join log_checkpoint c using (size) order by s.size`

/**
 * Verifies every cosignature of the database by the key of its witness.
 *
 * @param connection in a transaction
 * @param keys verifier keys of witnesses besides those in the database
 * @returns number of verified cosignatures
 */
export async function verifyCosignatures(
  connection: Connection,
  keys: readonly string[],
  faults: Faults,
): Promise<number> {
  const { rows: known } = await connection.query<{ key: string }>('select key from log_witness')
  const witnesses = [...keys, ...known.map(({ key }) => key)]
    .map(parseVerifier)
    .filter(verifier => verifier?.type === COSIGNATURE)
  await connection.query(CURSOR)
  let checked = 0
  for (;;) {
    const { rows } = await connection.query<CosignatureRow>(`fetch ${ROWS_PER_FETCH} from cosignatures`)
    for (const { size, line, note } of rows) {
      checked++
      const where = `log_cosignature ${size}`
      const signature = parseSignature(line)
      const text = note === null ? undefined : parseNote(note)?.text
      const witness = witnesses.find(one => one?.name === signature?.name && one?.id === signature?.id)
      if (!signature || text === undefined)
        faults.add('cosignature-forged', where, 'it is no cosignature of a checkpoint')
      else if (!witness)
        faults.add(
          'cosignature-forged',
          where,
          `the key of ${signature.name} is not known here; if it was a witness of this log, set CONSENTRY_WITNESS_KEY to its key`,
        )
      else if (!verifies({ text, signatures: [signature] }, witness))
        faults.add('cosignature-forged', where, `it is not signed by ${witness.name}`)
    }
    if (rows.length === 0) return checked
  }
}
