import { hash } from 'node:crypto'
import { type Receipt, renderDocument } from './receipt.js'
import type { Statement } from './statement.js'
import { AGENT, attachments, CALLER, numberOf, OPERATOR, RECEIPT } from './vcon-attachments.js'
import { recordingDialogs } from './vcon-recordings.js'
import { partyHistory, textsOf } from './vcon-texts.js'

/** The syntax of draft-ietf-vcon-vcon-core-04. */
const VCON = '0.4.0'

/** A vCon. Only the members that this code reads are typed. */
export interface Vcon {
  created_at: string
  attachments: { purpose?: string; body?: unknown }[]
  [name: string]: unknown
}

/**
 * Converts a receipt to an IETF vCon (draft-ietf-vcon-vcon-core-04). The vCon has the prompts as text, the recordings as hashes of
 * their containers, the answers as consent and lawful basis attachments, and the receipt itself. It has no audio. The same
 * receipt and time always give the same vCon, so that a change is detected.
 *
 * @param createdAt ISO 8601
 */
export function vconOf(receipt: Receipt, createdAt: string): Vcon {
  const { statement } = receipt
  const [origin = ''] = receipt.checkpoint.split('\n')
  return {
    vcon: VCON,
    uuid: uuidOf(receipt, createdAt, origin),
    extensions: ['consent', 'lawful_basis'],
    created_at: createdAt,
    subject: `Consent to the recording of call ${statement.call}`,
    parties: partiesOf(statement, origin),
    dialog: dialogOf(receipt),
    attachments: attachments(receipt),
  }
}

/** The receipt in a vCon, unchecked. Undefined if none exists. */
export const receiptIn = (vcon: Vcon): unknown =>
  vcon.attachments.find(({ purpose }) => purpose === RECEIPT)?.body

/** UUID of version 8 as in the draft: the time, bits that depend on the content, and the SHA-1 of the host's name. */
function uuidOf(receipt: Receipt, createdAt: string, origin: string): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(Date.parse(createdAt), 0, 6)
  hash('sha256', renderDocument(receipt), 'buffer').copy(bytes, 6, 0, 2)
  hash('sha1', origin.split('/')[0]!, 'buffer').copy(bytes, 8, 0, 8)
  // 62 bits of the hash follow the two bits of the variant.
  const high = bytes.readBigUInt64BE(8) >> 2n
  bytes.writeBigUInt64BE((2n << 62n) | high, 8)
  bytes[6] = 0x80 | (bytes[6]! & 0x0f)
  const hex = bytes.toString('hex')
  return [0, 8, 12, 16, 20].map((from, i, all) => hex.slice(from, all[i + 1])).join('-')
}

/** A participant without a known name. */
const ANONYMOUS = { name: 'anonymous' }

const partiesOf = ({ caller, line, recordings }: Statement, origin: string) => [
  caller ? { ...numberOf(caller), type: 'person' } : ANONYMOUS,
  { ...(line === null ? {} : { name: `line ${line}` }), type: 'organization', org: origin },
  ...(recordings.some(hasAgent) ? [ANONYMOUS] : []),
]

const hasAgent = ({ keeps, parts }: Statement['recordings'][number]) =>
  keeps === undefined && parts.length > 0

/**
 * The dialogs. The first one is the whole call: the set of its recordings; without recordings the first prompt; without
 * a prompt an incomplete call.
 */
function dialogOf(receipt: Receipt): Record<string, unknown>[] {
  const { statement } = receipt
  const { started, ended, decision, recordings } = statement
  const texts = textsOf(statement)
  const audio = recordingDialogs(receipt)
  const party_history = partyHistory(statement)
  const whole = {
    start: started.utc,
    ...(ended && { duration: (Date.parse(ended.utc) - Date.parse(started.utc)) / 1_000 }),
    parties: [CALLER, OPERATOR, ...(recordings.some(hasAgent) ? [AGENT] : [])],
  }
  if (audio.length > 0) {
    const places = audio.map((_, i) => 1 + texts.length + i)
    return [{ type: 'recording-set', ...whole, recordings: places, party_history }, ...texts, ...audio]
  }
  const [first, ...others] = texts
  if (first) return [{ ...first, party_history }, ...others]
  const disposition = decision === 'failed' ? 'failed' : 'hung-up'
  return [{ type: 'incomplete', ...whole, disposition, party_history }]
}
