import { AppError } from '../core/errors.js'
import type { PersonalData } from '../core/events.js'
import { type CallId, isUuid } from '../core/ids.js'
import type { Db } from '../db/database.js'
import { KeyChain } from '../log/notes/key-chain.js'
import { parseVerifier } from '../log/notes/note.js'
import { parseRotation } from '../log/notes/rotation.js'
import { type CallProof, proveCall } from '../log/prove.js'
import { knownWitnesses } from '../log/signed-notes.js'
import { enteredOf } from './entered.js'
import { parseLeaf } from './leaf.js'
import { orderMembers, personalShape, type Receipt, type ReceiptEvent, VERSION } from './receipt.js'
import { retryUntilLogged } from './retry-until-logged.js'
import { selectSignatures } from './signed-checkpoint.js'
import { placeOfDecision, statementOf } from './statement.js'

export interface ReceiptOptions {
  /** Folder of the log. */
  log: string
  /** Whether to include the caller's number and keys, unless erased. */
  personal: boolean
  /** Verifier keys of witnesses besides those that the database knows. Their cosignatures are included. */
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
  const decided = placeOfDecision(rows)
  if (decided < 0) throw new AppError('not-found', `Call ${call} has no decision yet.`)
  const witnesses = [...new Set([...(await knownWitnesses(db)), ...(options.witnesses ?? [])])]
  const proof = await retryUntilLogged(() => proveCall(db, options.log, uuids, decided))
  const openings = rows.map(({ data, salt }) =>
    options.personal && data && salt && isCallers(data) ? { data, salt: salt.toString('hex') } : undefined,
  )
  return receiptOf(proof, openings, witnesses)
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
  proof: CallProof,
  openings: readonly ReceiptEvent['personal'][],
  witnesses: readonly string[],
): Receipt {
  const events = proof.events.map(({ index, leaf, path }, i): ReceiptEvent => {
    const personal = openings[i]
    return { index, leaf, path, ...(personal && { personal }) }
  })
  const logged = events.map(({ leaf, personal }) => ({ leaf: parseLeaf(leaf), personal: personal?.data }))
  const signed = selectSignatures(proof, witnesses)
  const { key, rotations } = proof
  const first = parseRotation(rotations[0] ?? '')?.from ?? parseVerifier(key)!
  const entered = enteredOf(proof, KeyChain.from(first, rotations), witnesses)
  return orderMembers(
    { consentryReceipt: VERSION, events, ...signed, entered, rotations: [...rotations] },
    statementOf(logged),
  )
}

/** A caller's receipt leaves out which people acted, and why. */
const isCallers = (data: PersonalData): boolean => personalShape.safeParse(data).success

/** The call's events in the order of the log, with their personal parts unless erased. */
const rowsOf = (db: Db, call: CallId) =>
  db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.uuid', 'event.type', 'event_personal.data', 'event_personal.salt'])
    .where('event.call_id', '=', call)
    .orderBy('event.id')
    .execute()
