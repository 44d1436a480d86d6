import { z } from 'zod'
import { type CheckedReceipt, checkReceipt, type ReceiptFault } from './check-receipt.js'
import { firstDifference } from './differences.js'
import { tryParseJson } from './parse-json.js'
import { type Receipt, renderDocument } from './receipt.js'
import { receiptIn, type Vcon, vconOf } from './vcon.js'

/** The members of a vCon that lead to its receipt. All others must follow from the receipt. */
const vconShape = z.looseObject({
  created_at: z.iso.datetime({ precision: 3 }),
  attachments: z.array(z.looseObject({ purpose: z.string().optional() })),
})

/**
 * Verifies a file with a receipt, or with a vCon made from a receipt, by the log's public key. Every byte must be as written.
 *
 * @param keys trusted C2SP verifier keys
 * @param rotations trusted statements by which the log's key was rotated
 */
export function checkFile(
  bytes: Uint8Array,
  keys: readonly string[],
  rotations: readonly string[] = [],
): CheckedReceipt {
  const text = Buffer.from(bytes).toString('utf8')
  const value = tryParseJson(text)
  if (value === undefined || Buffer.from(text).compare(bytes) !== 0)
    return failed('receipt-malformed', 'it is not JSON in UTF-8')
  const vcon = vconShape.safeParse(value)
  if (!vcon.success) return compareBytes(text, checkReceipt(value, keys, rotations), renderDocument)
  const inside = receiptIn(vcon.data as Vcon)
  if (inside === undefined) return failed('receipt-malformed', 'it is a vCon without a Consentry receipt')
  return compareBytes(text, checkReceipt(inside, keys, rotations), receipt =>
    renderDocument(vconOf(receipt, vcon.data.created_at)),
  )
}

function compareBytes(
  text: string,
  checked: CheckedReceipt,
  written: (receipt: Receipt) => string,
): CheckedReceipt {
  const where = checked.receipt && firstDifference(text, written(checked.receipt))
  return where
    ? failed('receipt-bytes-differ', 'from here the file differs from what follows from the receipt', where)
    : checked
}

const failed = (kind: ReceiptFault['kind'], what: string, where = ''): CheckedReceipt => ({
  witnessed: [],
  faults: [{ kind, what, where }],
})
