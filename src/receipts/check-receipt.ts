import { AppError } from '../core/errors.js'
import { personalHash } from '../lib/canonical-json.js'
import type { Checkpoint } from '../log/notes/checkpoint.js'
import {
  type Cosignature,
  checkOwnCheckpoint,
  cosignaturesOf,
  isProven,
  tryParseLeaf,
  unprovenMessage,
} from './check-signed-checkpoint.js'
import { checkWitnesses, type WitnessFault } from './check-witnesses.js'
import { differences } from './differences.js'
import { type CheckpointFault, type DocumentKeys, documentKeys } from './document-keys.js'
import { checkEntered, type Entered } from './entered.js'
import type { Leaf, LoggedEvent } from './leaf.js'
import { orderMembers, type Receipt, type ReceiptShape, receiptShape } from './receipt.js'
import { placeOfDecision, type Statement, statementOf } from './statement.js'

export interface ReceiptFault {
  kind:
    | 'receipt-malformed'
    | 'receipt-key-unknown'
    | 'receipt-key-not-in-force'
    | 'receipt-unsigned'
    | 'receipt-unwitnessed'
    | 'receipt-event-unproven'
    | 'receipt-personal-differs'
    | 'receipt-statement-differs'
    | 'receipt-bytes-differ'
  what: string
  /** Path of the member in the file. */
  where: string
}

/** The time at which the events up to the decision entered the log, by the witnesses. */
export interface EntryTime {
  /** Cosignatures of a log without these events: they entered later. */
  after: Cosignature[]
  /** Cosignatures of a log with these events: they entered earlier. */
  by: Cosignature[]
}

export interface CheckedReceipt {
  /** The receipt with its members in order. Undefined if there are faults. */
  receipt?: Receipt
  witnessed: Cosignature[]
  /** Undefined if there are faults. */
  entered?: EntryTime
  faults: ReceiptFault[]
}

/** Most reported differences. A forged statement may differ everywhere. */
const MAX_DIFFERENCES = 20

/**
 * Verifies a receipt by a public key of the log alone. The checkpoint must be signed, every event must be in the log, the personal
 * parts must have the logged hashes, and the statement must follow from the events.
 *
 * @param value parsed JSON
 * @param keys trusted C2SP verifier keys: the log's, and those of witnesses
 * @param rotations trusted statements by which the log's key was rotated
 */
export function checkReceipt(
  value: unknown,
  keys: readonly string[],
  rotations: readonly string[] = [],
): CheckedReceipt {
  const read = receiptShape.safeParse(value)
  if (!read.success) return failed(read.error.issues.map(malformed))
  const receipt = read.data
  const log = documentKeys(receipt, { keys, rotations })
  if ('kind' in log) return failed([{ ...log, kind: `receipt-${log.kind}` }])
  const checkpoint = checkOwnCheckpoint(receipt, log)
  if ('kind' in checkpoint) return failed([{ ...checkpoint, kind: `receipt-${checkpoint.kind}` }])
  const leaves = receipt.events.map(({ leaf }) => tryParseLeaf(leaf))
  const faults = [...checkEvents(receipt, checkpoint, leaves), ...checkPersonal(receipt, leaves)]
  if (faults.length > 0) return failed(faults)
  const statement = statementOfLeaves(receipt, leaves as Leaf[])
  if (!('call' in statement)) return failed([statement])
  const unconfirmed = checkEntry(receipt, checkpoint, leaves as Leaf[], log, keys)
  if (unconfirmed.length > 0) return failed(unconfirmed)
  const differing = differences(receipt.statement, statement, 'statement').slice(0, MAX_DIFFERENCES)
  if (differing.length > 0)
    return failed(differing.map(difference => ({ kind: 'receipt-statement-differs', ...difference })))
  return {
    receipt: orderMembers(receipt, statement),
    witnessed: cosignaturesOf(receipt, keys),
    entered: entryOf(receipt.entered, keys),
    faults: [],
  }
}

/** Checks when the events up to the decision entered the log. */
function checkEntry(
  { events, entered }: ReceiptShape,
  head: Checkpoint,
  leaves: readonly Leaf[],
  log: DocumentKeys,
  keys: readonly string[],
): ReceiptFault[] {
  const decided = placeOfDecision(leaves)
  const times = leaves
    .filter(({ type }, i) => i === decided || type === 'consent.answered')
    .map(({ at }) => at)
  const places = { head, first: events[0]!.index, decided: events[decided]!.index }
  const unlinked = checkEntered(entered, places, log)
  if (unlinked.length > 0) return asReceiptFaults(unlinked)
  return asReceiptFaults(checkWitnesses(entered.covering, keys, times, 'entered.covering'))
}

const asReceiptFaults = (faults: readonly (CheckpointFault | WitnessFault)[]): ReceiptFault[] =>
  faults.map(fault => ({ ...fault, kind: `receipt-${fault.kind}` }))

const entryOf = ({ before, covering }: Entered, keys: readonly string[]): EntryTime => ({
  after: before ? cosignaturesOf(before, keys) : [],
  by: cosignaturesOf(covering, keys),
})

const failed = (faults: ReceiptFault[]): CheckedReceipt => ({ witnessed: [], faults })

const malformed = ({ path, message }: { path: PropertyKey[]; message: string }): ReceiptFault => ({
  kind: 'receipt-malformed',
  what: message,
  where: path.reduce<string>(
    (text, name) => (typeof name === 'number' ? `${text}[${name}]` : `${text}${text && '.'}${String(name)}`),
    '',
  ),
})

function checkEvents(
  { events }: ReceiptShape,
  checkpoint: Checkpoint,
  leaves: (Leaf | undefined)[],
): ReceiptFault[] {
  const call = leaves.find(leaf => leaf?.type === 'call.started')?.call
  return events.flatMap((event, i) => {
    const { index } = event
    const where = `events[${i}]`
    const fault = (what: string): ReceiptFault[] => [{ kind: 'receipt-event-unproven', what, where }]
    const name = leaves[i]?.type ?? 'invalid event'
    if (!isProven(event, checkpoint)) return fault(unprovenMessage(name, index))
    if (leaves[i]?.call == null || leaves[i].call !== call)
      return fault(`this ${name} belongs to another call`)
    if (i > 0 && index <= events[i - 1]!.index) return fault(`this ${name} is not in the order of the log`)
    return []
  })
}

const checkPersonal = ({ events }: ReceiptShape, leaves: (Leaf | undefined)[]): ReceiptFault[] =>
  events.flatMap(({ personal }, i) => {
    if (!personal) return []
    const hash = personalHash(Buffer.from(personal.salt, 'hex'), personal.data)
    if (hash === leaves[i]?.personal) return []
    const what = `the personal data of this ${leaves[i]?.type ?? 'event'} differs from what was logged`
    return [{ kind: 'receipt-personal-differs', what, where: `events[${i}].personal` }]
  })

function statementOfLeaves({ events }: ReceiptShape, leaves: Leaf[]): Statement | ReceiptFault {
  try {
    const logged = leaves.map((leaf, i) => ({ leaf, personal: events[i]!.personal?.data }))
    // Encoded and parsed, because JSON leaves out undefined members.
    return JSON.parse(JSON.stringify(statementOf(logged as LoggedEvent[]))) as Statement
  } catch (error) {
    const what = error instanceof AppError ? error.message : 'this version cannot read its events'
    return { kind: 'receipt-event-unproven', what, where: 'events' }
  }
}
