import type { Db } from '../../db/database.js'
import { makeReceipt, type ReceiptOptions } from '../../receipt/make-receipt.js'
import { renderDocument } from '../../receipt/receipt.js'
import { vconOf } from '../../receipt/vcon.js'
import { codeOf } from '../../shared/errors.js'
import type { CallId } from '../../shared/ids.js'
import type { Entry } from './archive.js'

/**
 * The consent receipt of each call, as itself and as a vCon, for the archive.
 *
 * @returns beside them, the calls that have none: undecided, or not in the log
 */
export async function proofs(
  db: Db,
  calls: readonly CallId[],
  options: ReceiptOptions,
  at: Date,
): Promise<{ entries: Entry[]; without: CallId[] }> {
  const entries: Entry[] = []
  const without: CallId[] = []
  for (const call of calls) {
    try {
      const receipt = await makeReceipt(db, call, options)
      entries.push(
        { name: `receipts/${call}.json`, at, content: renderDocument(receipt) },
        {
          name: `receipts/${call}.vcon.json`,
          at,
          content: renderDocument(vconOf(receipt, at.toISOString())),
        },
      )
    } catch (error) {
      if (codeOf(error) !== 'not-found') throw error
      without.push(call)
    }
  }
  return { entries, without }
}
