import { codeOf } from '../../core/errors.js'
import type { CallId } from '../../core/ids.js'
import type { Db } from '../../db/database.js'
import { makeReceipt, type ReceiptOptions } from '../../receipts/make-receipt.js'
import { renderDocument } from '../../receipts/receipt.js'
import { vconOf } from '../../receipts/vcon.js'
import type { ArchiveEntry } from './archive.js'

/**
 * Makes the consent receipt of each call, as a receipt and as a vCon, for the archive.
 *
 * @returns the entries, and the calls without a receipt: they are undecided, or not in the transparency log yet
 */
export async function receiptEntries(
  db: Db,
  calls: readonly CallId[],
  options: ReceiptOptions,
  at: Date,
): Promise<{ entries: ArchiveEntry[]; callsWithoutReceipt: CallId[] }> {
  const entries: ArchiveEntry[] = []
  const callsWithoutReceipt: CallId[] = []
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
      callsWithoutReceipt.push(call)
    }
  }
  return { entries, callsWithoutReceipt }
}
