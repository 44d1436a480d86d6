import type { Db } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { type CallId, isUuid } from '../shared/ids.js'
import { type Proof, proveEvents } from '../tlog/prove.js'
import { parseLeaf } from './leaf.js'
import { orderMembers, type Receipt, type ReceiptEvent, VERSION } from './receipt.js'
import { retryUntilLogged } from './retry-until-logged.js'
import { selectSignatures } from './signed-checkpoint.js'
import { statementOf } from './statement.js'

export interface ReceiptOptions {
  /** Folder of the log. */
  log: string
  /** Whether to include the caller's number and keys, unless erased. */
  personal: boolean
  /** Verifier keys of the witnesses whose cosignatures are included if they exist. */
  witnesses?: readonly string[]
}

/**
 * Makes the receipt of one call.
 *
 * @param call id of the call
 * @throws AppError `not-found` if there is no such call, it has no decision yet, or is not in the log; `journal.inconsistent`
 *   if the database differs from what was logged
 */
export async function makeReceipt(db: Db, call: string, options: ReceiptOptions): Promise<Receipt> {
  const rows = isUuid(call) ? await rowsOf(db, call as CallId) : []
  if (rows.length === 0)
    throw new AppError('not-found', `There is no call ${isUuid(call) ? call : 'with such an id'}.`)
  const uuids = rows.map(({ uuid }) => uuid)
  const proof = await retryUntilLogged(() => proveEvents(db, options.log, uuids))
  const openings = rows.map(({ data, salt }) =>
    options.personal && data && salt ? { data, salt: salt.toString('hex') } : undefined,
  )
  return receiptOf(proof, openings, options.witnesses ?? [])
}

/**
 * Makes a receipt from proved events.
 *
 * @param proof of the events of one call, in the order of the log
 * @param openings the events' personal parts with their salts
 * @param witnesses verifier keys of the witnesses whose cosignatures are included
 * @throws AppError `not-found` if the call has no decision yet
 */
export function receiptOf(
  proof: Proof,
  openings: readonly ReceiptEvent['personal'][],
  witnesses: readonly string[],
): Receipt {
  const events = proof.events.map(({ index, leaf, path }, i): ReceiptEvent => {
    const personal = openings[i]
    return { index, leaf, path, ...(personal && { personal }) }
  })
  const logged = events.map(({ leaf, personal }) => ({ leaf: parseLeaf(leaf), personal: personal?.data }))
  const receipt = { events, statement: statementOf(logged), ...selectSignatures(proof, witnesses) }
  return orderMembers({ consentryReceipt: VERSION, ...receipt }, receipt.statement)
}

/** The call's events in the order of the log, with their personal parts unless erased. */
const rowsOf = (db: Db, call: CallId) =>
  db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.uuid', 'event_personal.data', 'event_personal.salt'])
    .where('event.call_id', '=', call)
    .orderBy('event.id')
    .execute()
