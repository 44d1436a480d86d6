import { DAY_MS } from '../core/clock.js'
import type { StatementAnswer } from './conversation.js'
import { parseLeaf } from './leaf.js'
import type { Receipt, ReceiptEvent } from './receipt.js'

/** Indexes in the array of parties. */
export const CALLER = 0
export const OPERATOR = 1
export const AGENT = 2

/** Index of the whole call in the array of dialogs. */
export const CALL_DIALOG = 0

/** A participant's number. A number with letters is not a telephone number. */
export const numberOf = (caller: string | undefined) =>
  caller && (/^\+?[\d*#.()-]+$/.test(caller) ? { tel: caller } : { name: caller })

/** Purpose of the attachment that holds the receipt. */
export const RECEIPT = 'consentry-receipt'

/** Attachments of a vCon: consent and lawful basis for each answer, and the receipt. */
export function attachments(receipt: Receipt) {
  const { statement, events } = receipt
  const proofs = new Map(
    events.map(event => {
      const { type, data, at } = parseLeaf(event.leaf)
      return [`${type} ${data['purpose']} ${at}`, tlogProof(receipt, event)] as const
    }),
  )
  const answers = statement.answers
    .filter(({ overruled }) => !overruled)
    .flatMap(answer => {
      const proof = proofs.get(`consent.answered ${answer.purpose} ${answer.answered.utc}`) ?? ''
      return [...consent(answer, proof), lawfulBasis(answer, proof)]
    })
  return [
    ...answers,
    {
      purpose: RECEIPT,
      start: statement.decided.utc,
      party: OPERATOR,
      dialog: CALL_DIALOG,
      mediatype: 'application/json',
      filename: `${statement.call}.receipt.json`,
      encoding: 'json',
      body: receipt,
    },
  ]
}

/** The proof of one event as C2SP tlog-proof, which other tools read. Its extra data is the leaf. */
const tlogProof = ({ checkpoint }: Receipt, { index, leaf, path }: ReceiptEvent): string =>
  [
    'c2sp.org/tlog-proof@v1',
    `extra ${Buffer.from(leaf).toString('base64')}`,
    `index ${index}`,
    ...path,
    '',
    checkpoint,
  ].join('\n')

const isYes = ({ answer, withdrawn }: StatementAnswer): boolean =>
  (answer === 'granted' || answer === 'notice') && !withdrawn

/** The time by which the recording must be destroyed, ISO 8601. Null for a no, which does not expire. */
const expiration = ({ answered, retentionDays }: StatementAnswer, granted: boolean): string | null =>
  granted ? new Date(Date.parse(answered.utc) + retentionDays * DAY_MS).toISOString() : null

/** The consent attachment (draft-howe-vcon-consent-00). Empty for a notice, which is not a consent. */
function consent(answer: StatementAnswer, proof: string) {
  if (answer.answer === 'notice') return []
  const value = isYes(answer)
  const { purpose, answered, withdrawn } = answer
  const status = withdrawn ? 'revoked' : value ? 'granted' : 'denied'
  const consents = [
    {
      consent: purpose,
      purpose,
      value,
      status,
      timestamp: (withdrawn ?? answered).utc,
      answer: answer.answer,
    },
  ]
  const terms = { expiration: expiration(answer, value), party: CALLER, dialog: CALL_DIALOG, consents }
  return [
    {
      type: 'consent',
      purpose: 'consent',
      start: answered.utc,
      ...terms,
      proof: [{ type: 'tlog-proof', timestamp: answered.utc, value: proof }],
      mediatype: 'application/json',
      encoding: 'json',
      body: terms,
    },
  ]
}

/** The lawful basis attachment (draft-howe-vcon-lawful-basis), whose draft replaces the one above. */
function lawfulBasis(answer: StatementAnswer, proof: string) {
  const granted = isYes(answer)
  const { purpose, answered, legalBasis, method, retentionDays, voice, confirmedBy } = answer
  return {
    type: 'lawful_basis',
    purpose: 'lawful_basis',
    start: answered.utc,
    party: CALLER,
    dialog: CALL_DIALOG,
    mediatype: 'application/json',
    encoding: 'json',
    body: {
      lawful_basis: answer.answer === 'notice' ? 'legitimate_interests' : 'consent',
      expiration: expiration(answer, granted),
      purpose_grants: [{ purpose, granted, granted_at: answered.utc }],
      proof_mechanisms: [
        {
          proof_type: 'external_system',
          timestamp: answered.utc,
          proof_data: { type: 'tlog-proof', value: proof },
        },
      ],
      metadata: {
        ...{ legal_basis: legalBasis, answer: answer.answer, method, retention_days: retentionDays },
        ...(voice && { voice }),
        ...(confirmedBy && { confirmed_by: confirmedBy }),
      },
    },
  }
}
