import { type Checkpoint, parseCheckpoint } from '../journal/log/checkpoint.js'
import { leafHash, toHash } from '../journal/log/hash.js'
import { personalHash } from '../journal/log/leaf.js'
import {
  COSIGNATURE,
  ED25519,
  parseNote,
  parseVerifier,
  signatureLine,
  verifierKey,
  verifies,
} from '../journal/log/note.js'
import { rootFromInclusion } from '../journal/log/proof.js'
import { AppError } from '../shared/errors.js'
import { differences } from './differences.js'
import { type Leaf, parseLeaf } from './leaf.js'
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

/** A witness's word that it saw the checkpoint. */
export interface Witnessed {
  name: string
  /** When it cosigned, ISO 8601. */
  at: string
  /** Its key is one of those that were given to verify with. */
  known: boolean
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
  const { checkpoint, faults } = checkCheckpoint(receipt, keys)
  if (!checkpoint) return failed(faults)
  const leaves = receipt.events.map(({ leaf }) => readLeaf(leaf))
  faults.push(...checkEvents(receipt, checkpoint, leaves), ...checkPersonal(receipt, leaves))
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

function checkCheckpoint(
  { checkpoint: note, key, witnesses }: ReceiptShape,
  keys: readonly string[],
): { checkpoint?: Checkpoint; faults: ReceiptFault[] } {
  const log = keys.includes(key) ? parseVerifier(key) : undefined
  if (log?.type !== ED25519) {
    const what = `it names ${key} as the log's key, which is not the key that was given`
    return { faults: [{ kind: 'receipt-key-unknown', what, where: 'key' }] }
  }
  const unsigned = (what: string) => ({
    faults: [{ kind: 'receipt-unsigned' as const, what, where: 'checkpoint' }],
  })
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || !checkpoint) return unsigned('it is no signed checkpoint')
  if (checkpoint.origin !== log.name)
    return unsigned(`it is of the log ${checkpoint.origin}, the key is that of ${log.name}`)
  if (!verifies(parsed, log)) return unsigned(`the signature of ${log.name} is not good`)
  const cosigners = witnesses.map(parseVerifier)
  const [bad] = witnesses.filter((_, i) => {
    const verifier = cosigners[i]
    if (verifier?.type !== COSIGNATURE || !verifies(parsed, verifier)) return true
    return verifierKey(verifier.name, verifier.key, COSIGNATURE) !== witnesses[i]
  })
  if (bad !== undefined) return unsigned(`the witness ${bad} has not cosigned it`)
  const lines = parsed.signatures.map(({ name, id, bytes }) => signatureLine({ name, id }, bytes))
  const signers = [log, ...cosigners].map(signer => `${signer?.name} ${signer?.id}`)
  const signed = parsed.signatures.map(({ name, id }) => `${name} ${id}`)
  if (signers.join() !== signed.join() || `${parsed.text}\n${lines.join('')}` !== note)
    return unsigned('it has other signature lines than those of the keys named, or they are spelt otherwise')
  return { checkpoint, faults: [] }
}

function readLeaf(text: string): Leaf | undefined {
  try {
    return parseLeaf(text)
  } catch {
    return undefined
  }
}

function checkEvents(
  { events }: ReceiptShape,
  { size, root }: Checkpoint,
  leaves: (Leaf | undefined)[],
): ReceiptFault[] {
  const call = leaves.find(leaf => leaf?.type === 'call.started')?.call
  return events.flatMap(({ index, leaf, path }, i) => {
    const where = `events[${i}]`
    const fault = (what: string): ReceiptFault[] => [{ kind: 'receipt-event-unproven', what, where }]
    const name = `${leaves[i]?.type ?? 'what is no event'}`
    const hashes = path.map(hash => toHash(Buffer.from(hash, 'base64')))
    if (rootFromInclusion(leafHash(leaf), index, size, hashes) !== root)
      return fault(`the log does not hold this ${name} at place ${index}, or the path does not prove it`)
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

/** Seconds since the epoch stand before a cosignature (C2SP tlog-cosignature). */
const witnessesOf = ({ checkpoint, witnesses }: ReceiptShape, keys: readonly string[]): Witnessed[] =>
  witnesses.map((key, i) => {
    const { name, bytes } = parseNote(checkpoint)!.signatures[i + 1]!
    const at = new Date(Number(bytes.readBigUInt64BE()) * 1_000).toISOString()
    return { name, at, known: keys.includes(key) }
  })
