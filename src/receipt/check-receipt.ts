import { personalHash } from '../shared/canonical-json.js'
import { AppError } from '../shared/errors.js'
import type { Checkpoint } from '../tlog/notes/checkpoint.js'
import { checkSigned, isProven, readLeaf, unproven, type Witnessed, witnessesOf } from './check-signed.js'
import { differences } from './differences.js'
import type { Leaf } from './leaf.js'
import { inOrder, type Receipt, type ReceiptShape, receiptShape } from './receipt.js'
import { type Statement, statementOf } from './statement.js'

export interface ReceiptFault {
  kind:
    | 'receipt-malformed'
    | 'receipt-key-unknown'
    | 'receipt-unsigned'
    | 'receipt-event-unproven'
    | 'receipt-personal-differs'
    | 'receipt-statement-differs'
    | 'receipt-bytes-differ'
  what: string
  /** Path of the member within the file. */
  where: string
}

export interface Checked {
  /** With its members in their order; undefined where something does not hold. */
  receipt?: Receipt
  witnessed: Witnessed[]
  faults: ReceiptFault[]
}

/** Differences of one statement that are told: a forged one may differ everywhere. */
const TOLD = 20

/**
 * Holds a receipt against the log's public key alone: the checkpoint is signed, every event is in the log under it, what is
 * opened of personal data has the logged hash, and the statement is what these events say.
 *
 * @param value as JSON gives it
 * @param keys C2SP verifier keys that are trusted: the log's, and those of witnesses
 */
export function checkReceipt(value: unknown, keys: readonly string[]): Checked {
  const read = receiptShape.safeParse(value)
  if (!read.success) return failed(read.error.issues.map(malformed))
  const receipt = read.data
  const checkpoint = checkSigned(receipt, keys)
  if ('kind' in checkpoint) return failed([{ ...checkpoint, kind: `receipt-${checkpoint.kind}` }])
  const leaves = receipt.events.map(({ leaf }) => readLeaf(leaf))
  const faults = [...checkEvents(receipt, checkpoint, leaves), ...checkPersonal(receipt, leaves)]
  if (faults.length > 0) return failed(faults)
  const statement = readStatement(receipt, leaves as Leaf[])
  if (!('call' in statement)) return failed([statement])
  const differing = differences(receipt.statement, statement, 'statement').slice(0, TOLD)
  if (differing.length > 0)
    return failed(differing.map(difference => ({ kind: 'receipt-statement-differs', ...difference })))
  return { receipt: inOrder(receipt, statement), witnessed: witnessesOf(receipt, keys), faults: [] }
}

const failed = (faults: ReceiptFault[]): Checked => ({ witnessed: [], faults })

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
    const name = `${leaves[i]?.type ?? 'what is no event'}`
    if (!isProven(event, checkpoint)) return fault(unproven(name, index))
    if (leaves[i]?.call == null || leaves[i].call !== call) return fault(`this ${name} is of another call`)
    if (i > 0 && index <= events[i - 1]!.index) return fault(`this ${name} is not in the order of the log`)
    return []
  })
}

const checkPersonal = ({ events }: ReceiptShape, leaves: (Leaf | undefined)[]): ReceiptFault[] =>
  events.flatMap(({ personal }, i) => {
    if (!personal) return []
    const hash = personalHash(Buffer.from(personal.salt, 'hex'), personal.data)
    if (hash === leaves[i]?.personal) return []
    const what = `the personal data of this ${leaves[i]?.type ?? 'event'} is not what was logged`
    return [{ kind: 'receipt-personal-differs', what, where: `events[${i}].personal` }]
  })

function readStatement({ events }: ReceiptShape, leaves: Leaf[]): Statement | ReceiptFault {
  try {
    const told = leaves.map((leaf, i) => ({ leaf, personal: events[i]!.personal?.data }))
    // As JSON has it: what is undefined is not there.
    return JSON.parse(JSON.stringify(statementOf(told as Parameters<typeof statementOf>[0]))) as Statement
  } catch (error) {
    const what = error instanceof AppError ? error.message : 'its events are none that this version reads'
    return { kind: 'receipt-event-unproven', what, where: 'events' }
  }
}
