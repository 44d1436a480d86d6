import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from '../db/database.js'
import { parseNote, parseVerifier, verifies } from '../journal/log/note.js'
import { type Proof, proveEvents } from '../journal/log/prove.js'
import { AppError } from '../shared/errors.js'
import { type CallId, type EventId, isUuid } from '../shared/ids.js'
import { parseLeaf } from './leaf.js'
import { inOrder, type Receipt, type ReceiptEvent, VERSION } from './receipt.js'
import { statementOf } from './statement.js'

/** How long to wait for what was just committed to enter the log, ms; ordinarily that takes a second. */
const PATIENCE_MS = 5_000
const RETRY_MS = 250

export interface ReceiptOptions {
  /** Folder of the log. */
  log: string
  /** With what is still kept of the caller's number and key. */
  personal: boolean
  /** Verifier keys of the witnesses whose cosignatures go in, if they have cosigned. */
  witnesses?: readonly string[]
}

/**
 * Makes the consent receipt of one call out of the log.
 *
 * @throws AppError `not-found` for a call that is not there, has no decision yet, or is not in the log; `journal.inconsistent`
 *   where the database no longer says what was logged
 */
export async function makeReceipt(db: Db, call: string, options: ReceiptOptions): Promise<Receipt> {
  const rows = isUuid(call) ? await rowsOf(db, call as CallId) : []
  if (rows.length === 0)
    throw new AppError('not-found', `There is no call ${isUuid(call) ? call : 'with such an id'}.`)
  const proof = await prove(
    db,
    options.log,
    rows.map(({ uuid }) => uuid),
  )
  const openings = rows.map(({ data, salt }) =>
    options.personal && data && salt ? { data, salt: salt.toString('hex') } : undefined,
  )
  return receiptOf(proof, openings, options.witnesses ?? [])
}

/**
 * Puts a receipt together.
 *
 * @param proof of the events of one call, in the order of the log
 * @param openings of their personal parts
 * @param witnesses verifier keys of those whose cosignatures go in
 * @throws AppError `not-found` for a call that has no decision yet
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
  const told = events.map(({ leaf, personal }) => ({ leaf: parseLeaf(leaf), personal: personal?.data }))
  const receipt = { events, statement: statementOf(told), ...signed(proof, witnesses) }
  return inOrder({ consentryReceipt: VERSION, ...receipt }, receipt.statement)
}

/** The call's events in the order of the log, with their personal parts as far as they are kept. */
const rowsOf = (db: Db, call: CallId) =>
  db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['event.uuid', 'event_personal.data', 'event_personal.salt'])
    .where('event.call_id', '=', call)
    .orderBy('event.id')
    .execute()

async function prove(db: Db, log: string, uuids: EventId[]): Promise<Proof> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await proveEvents(db, log, uuids)
    } catch (error) {
      const early = error instanceof AppError && error.retryable
      if (!early || performance.now() > end) throw error
      await pause(RETRY_MS)
    }
  }
}

/** The checkpoint with those signatures alone whose keys are named: any other could be changed unseen. */
function signed({ key, checkpoint }: Proof, known: readonly string[]) {
  const note = parseNote(checkpoint)!
  const good = (text: string) => {
    const verifier = parseVerifier(text)
    return verifier && verifies(note, verifier) ? verifier : undefined
  }
  const witnesses = known.filter(good)
  const lines = [key, ...witnesses].map(text => {
    const { name, id } = good(text)!
    return note.signatures.find(signature => signature.name === name && signature.id === id)!.line
  })
  return { checkpoint: `${note.text}\n${lines.map(line => `${line}\n`).join('')}`, key, witnesses }
}
