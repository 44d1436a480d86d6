import { z } from 'zod'
import { canonical } from '../shared/canonical-json.js'
import type { PersonalData } from '../shared/events.js'
import { MAX_LEAF_BYTES } from '../tlog/tree/bundle.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'
import type { Statement } from './statement.js'

/** The version that this code writes and reads. */
export const VERSION = 1

/** One event: the bytes that the log holds, and the proof that it holds them. */
export interface ReceiptEvent {
  /** Place of the leaf in the log, from 0. */
  index: number
  /** Canonical JSON, byte for byte. */
  leaf: string
  /** Audit path (RFC 6962, 2.1.1), each hash in base64, from the leaf's sibling upwards. */
  path: string[]
  /** Opens the salted hash in the leaf, where the personal part was still kept. */
  personal?: { data: PersonalData; salt: string }
}

/** The proof of one call's consent; `docs/receipt.md` describes it. */
export interface Receipt extends SignedCheckpoint {
  consentryReceipt: typeof VERSION
  statement: Statement
  events: ReceiptEvent[]
}

/** A text that is the one spelling of the bytes it stands for, so that no other spelling passes for it. */
const canonicalText = (encoding: 'base64' | 'hex' | 'utf8', bytes: (length: number) => boolean) =>
  z.string().refine(text => {
    const decoded = Buffer.from(text, encoding)
    return bytes(decoded.length) && decoded.toString(encoding) === text
  }, `is not ${encoding} as it is written here, or has the wrong length`)

const personalData = z.strictObject({
  caller: z.string().optional(),
  dialled: z.string().optional(),
  digit: z.string().optional(),
})

/** An event that is proven, without its personal part. */
export const provenEventShape = z.strictObject({
  index: z.int().nonnegative(),
  leaf: canonicalText('utf8', length => length <= MAX_LEAF_BYTES),
  path: z.array(canonicalText('base64', length => length === 32)).max(64),
})

/** At most so many witnesses' keys. */
export const witnessesShape = z.array(z.string()).max(16)

/** The form of a receipt; what it says is not yet believed. */
export const receiptShape = z.strictObject({
  consentryReceipt: z.literal(VERSION),
  statement: z.record(z.string(), z.unknown()),
  events: z
    .array(
      provenEventShape.extend({
        personal: z
          .strictObject({ data: personalData, salt: canonicalText('hex', length => length === 16) })
          .optional(),
      }),
    )
    .min(1),
  checkpoint: z.string(),
  key: z.string(),
  witnesses: witnessesShape,
})

export type ReceiptShape = z.infer<typeof receiptShape>

/** A receipt with its members in their order, whatever order they had. */
export const orderMembers = (receipt: Omit<ReceiptShape, 'statement'>, statement: Statement): Receipt => ({
  consentryReceipt: VERSION,
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
})

/** A document as it stands in its file, byte for byte. */
export const renderDocument = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`
