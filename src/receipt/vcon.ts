import { hash } from 'node:crypto'
import { SAMPLE_RATE } from '../shared/audio.js'
import type { StatementAnswer } from './conversation.js'
import { type Receipt, renderDocument } from './receipt.js'
import type { Statement } from './statement.js'
import { attachments, CALL_DIALOG, CALLER, OPERATOR, RECEIPT } from './vcon-attachments.js'

/** The syntax of draft-ietf-vcon-vcon-core-04. */
const VCON = '0.4.0'

/** Index of the agent in the array of parties. */
const AGENT = 2

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
    dialog: dialogOf(statement),
    attachments: attachments(receipt),
  }
}

/** The receipt in a vCon, unchecked. Undefined if there is none. */
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

function partiesOf({ caller, line, recordings }: Statement, origin: string) {
  const number = caller && (/^\+?[\d*#.()-]+$/.test(caller) ? { tel: caller } : { name: caller })
  return [
    { ...number, type: 'person' },
    { ...(line === null ? {} : { name: `line ${line}` }), type: 'organization', org: origin },
    ...(recordings.some(({ parts }) => parts.length > 0) ? [{}] : []),
  ]
}

function dialogOf(statement: Statement): Record<string, unknown>[] {
  const { started, ended, languageChoice, disclosures, questions, answers, recordings } = statement
  const prompts = [
    ...(languageChoice?.offers ?? []),
    ...disclosures,
    ...questions.flatMap(({ played }) => (played ? [played] : [])),
    ...answers.flatMap(({ confirmation }) => (confirmation ? [confirmation] : [])),
  ].filter(({ heardMs }) => heardMs > 0)
  const spoken = answers.flatMap(spokenText)
  const said = prompts
    .sort((a, b) => Date.parse(a.ended.utc) - Date.parse(b.ended.utc))
    .map(({ ended: { utc }, heardMs, text }) => ({
      type: 'text',
      start: new Date(Date.parse(utc) - heardMs).toISOString(),
      duration: heardMs / 1_000,
      parties: [OPERATOR, CALLER],
      mediatype: 'text/plain',
      body: text,
      encoding: 'none',
    }))
  const texts = [...said, ...spoken].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
  const audio = recordings
    .flatMap(({ parts }) => parts)
    .map(({ part, started: begun, samples, sha256 }) => ({
      type: 'recording',
      start: begun.utc,
      ...(samples === undefined ? {} : { duration: samples / SAMPLE_RATE }),
      parties: [CALLER, AGENT],
      recording_set: CALL_DIALOG,
      mediatype: 'application/octet-stream',
      filename: `${part}.ctry`,
      ...(sha256 && { content_hash: `sha256-${Buffer.from(sha256, 'hex').toString('base64url')}` }),
    }))
  const call = {
    type: 'recording-set',
    start: started.utc,
    ...(ended && { duration: (Date.parse(ended.utc) - Date.parse(started.utc)) / 1_000 }),
    parties: [CALLER, OPERATOR, ...(audio.length > 0 ? [AGENT] : [])],
    recordings: audio.map((_, i) => 1 + texts.length + i),
    party_history: [
      { party: CALLER, time: started.utc, event: 'join' },
      ...answers.flatMap(keydownEvents),
      ...(ended ? [{ party: CALLER, time: ended.utc, event: 'drop' }] : []),
    ],
  }
  return [call, ...texts, ...audio]
}

/** The words of a spoken answer, when they were said. */
function spokenText({ words, voice, answered, confirmedAfterMs = 0 }: StatementAnswer) {
  if (words === undefined || !voice) return []
  const { beganMs, endedMs, decidedMs } = voice
  return [
    {
      type: 'text',
      start: new Date(Date.parse(answered.utc) - confirmedAfterMs - (decidedMs - beganMs)).toISOString(),
      duration: (endedMs - beganMs) / 1_000,
      parties: [CALLER, OPERATOR],
      mediatype: 'text/plain',
      body: words,
      encoding: 'none',
    },
  ]
}

const keydownEvents = ({ digit, answered }: StatementAnswer) =>
  digit === undefined ? [] : [{ party: CALLER, time: answered.utc, event: 'keydown', button: digit }]
