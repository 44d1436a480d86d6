import { type DepsWith, proofSettings } from '../accounts/deps.js'
import { makeReceipt } from './make-receipt.js'
import { type Receipt, renderDocument } from './receipt.js'
import { vconOf } from './vcon.js'

export type { Receipt } from './receipt.js'

/** A receipt, and its document. */
export interface IssuedReceipt {
  receipt: Receipt
  /** The text of the file. */
  document: string
}

/**
 * Issues the consent receipt of a call.
 *
 * @param request.personal whether the receipt has the caller's number and keys
 * @param request.vcon makes the document as an IETF vCon
 * @throws AppError `not-found` if the call does not exist, is undecided, or is not logged; `journal.inconsistent`
 */
export async function issueReceipt(
  { db, config, clock }: DepsWith<'db' | 'clock', 'log'>,
  { call, personal, vcon }: { call: string; personal: boolean; vcon: boolean },
): Promise<IssuedReceipt> {
  const receipt = await makeReceipt(db, call, { ...proofSettings(config), personal })
  const document = vcon ? vconOf(receipt, new Date(clock.now()).toISOString()) : receipt
  return { receipt, document: renderDocument(document) }
}
