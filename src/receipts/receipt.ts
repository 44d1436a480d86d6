import { z } from 'zod'
import type { PersonalData } from '../core/events.js'
import { canonical } from '../lib/canonical-json.js'
import { MAX_LEAF_BYTES } from '../log/tree/bundle.js'
import { rotationsShape } from './document-keys.js'
import { type Entered, enteredShape, orderEntered } from './entered.js'
import { canonicalText, witnessesShape } from './shapes.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'
import type { Statement } from './statement.js'

/**
 * A receipt proves what was asked and answered in one call. This room makes receipts from the transparency log, verifies them
 * by the log's public key alone, and converts them to vCons. `extract/` does the same for the extract of an act.
 */

/** Version of the format. */
export const VERSION = 1

/** One event: its leaf and the proof that the log contains it. */
export interface ReceiptEvent {
  /** Index of the leaf in the log, from 0. */
  index: number
  /** Canonical JSON, byte for byte. */
  leaf: string
  /** Audit path (RFC 6962, 2.1.1), each hash in base64, from the leaf's sibling upwards. */
  path: string[]
  /** The personal part and the salt of its hash in the leaf. Absent if the personal part was erased or left out. */
  personal?: { data: PersonalData; salt: string }
}

/** The receipt of one call, as `docs/formats.md` describes it. */
export interface Receipt extends SignedCheckpoint {
  consentryReceipt: typeof VERSION
  statement: Statement
  events: ReceiptEvent[]
  entered: Entered
  /** The statements by which the log's key was rotated, oldest first. */
  rotations: string[]
}

/** The personal part of an event that a receipt opens: what the caller did or said. */
export const personalShape = z.strictObject({
  caller: z.string().optional(),
  dialled: z.string().optional(),
  digit: z.string().optional(),
  words: z.string().optional(),
})

/** The salt of a personal part, hex. */
export const saltShape = canonicalText('hex', length => length === 16)

/** An event with its proof, without its personal part. */
export const provenEventShape = z.strictObject({
  index: z.int().nonnegative(),
  leaf: canonicalText('utf8', length => length <= MAX_LEAF_BYTES),
  path: z.array(canonicalText('base64', length => length === 32)).max(64),
})

/** The form of a receipt. Its content is checked by `checkReceipt`. */
export const receiptShape = z.strictObject({
  consentryReceipt: z.literal(VERSION, `only receipts of version ${VERSION} can be read here`),
  statement: z.record(z.string(), z.unknown()),
  events: z
    .array(
      provenEventShape.extend({
        personal: z.strictObject({ data: personalShape, salt: saltShape }).optional(),
      }),
    )
    .min(1),
  checkpoint: z.string(),
  key: z.string(),
  witnesses: witnessesShape,
  entered: enteredShape,
  rotations: rotationsShape,
})

export type ReceiptShape = z.infer<typeof receiptShape>

/** A receipt with its members in the order of the format. */
export const orderMembers = (
  receipt: Omit<Receipt, 'statement' | 'events'> & Pick<ReceiptShape, 'events'>,
  statement: Statement,
): Receipt => ({
  consentryReceipt: receipt.consentryReceipt,
  statement,
  events: receipt.events.map(({ index, leaf, path, personal }) => ({
    index,
    leaf,
    path,
    ...(personal && {
      personal: { data: JSON.parse(canonical(personal.data)) as PersonalData, salt: personal.salt },
    }),
  })),
  checkpoint: receipt.checkpoint,
  key: receipt.key,
  witnesses: receipt.witnesses,
  entered: orderEntered(receipt.entered),
  rotations: receipt.rotations,
})

/** The text of a document's file, byte for byte. */
export const renderDocument = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`
