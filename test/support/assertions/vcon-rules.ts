import { z } from 'zod'

// An independent reading of draft-ietf-vcon-vcon-core-04, for the members that our vCons have and their cross references.

const place = z.int().nonnegative()
const date = z.iso.datetime({ offset: true })
const contentHash = z.string().regex(/^[a-z0-9]+-[A-Za-z0-9_-]+$/)
const encoding = z.enum(['base64url', 'json', 'none'])

const party = z.object({
  tel: z.string().optional(),
  name: z.string().optional(),
  org: z.string().optional(),
  type: z.enum(['person', 'bot', 'organization']).optional(),
})

const history = z.object({
  party: place,
  time: date,
  event: z.enum(['join', 'drop', 'hold', 'unhold', 'mute', 'unmute', 'keydown', 'keyup']),
  button: z.string().optional(),
})

const dialog = z.object({
  type: z.enum(['recording', 'text', 'transfer', 'incomplete', 'recording-set']),
  start: date,
  duration: z.number().nonnegative().optional(),
  parties: z.union([place, z.array(place)]),
  recordings: z.array(place).optional(),
  recording_set: place.optional(),
  mediatype: z
    .string()
    .regex(/^\w+\/[\w.+-]+$/)
    .optional(),
  filename: z.string().optional(),
  body: z.unknown().optional(),
  encoding: encoding.optional(),
  content_hash: contentHash.optional(),
  party_history: z.array(history).optional(),
})

const attachment = z.object({
  purpose: z.string(),
  start: date,
  party: place,
  dialog: place,
  mediatype: z.string(),
  body: z.unknown(),
  encoding,
})

const vcon = z.object({
  vcon: z.literal('0.4.0'),
  uuid: z.uuid({ version: 'v8' }),
  extensions: z.array(z.string()),
  created_at: date,
  subject: z.string(),
  parties: z.array(party),
  dialog: z.array(dialog),
  attachments: z.array(attachment),
})

/** Attachments by the drafts for consent and lawful basis. */
const consent = z.object({
  type: z.literal('consent'),
  expiration: date.nullable(),
  party: place,
  dialog: place,
  consents: z.array(
    z.object({
      purpose: z.string(),
      status: z.enum(['granted', 'denied', 'revoked']),
      consent: z.string(),
      value: z.boolean(),
    }),
  ),
  proof: z.array(z.object({ type: z.string(), value: z.string().min(1) })),
})

const lawfulBasis = z.object({
  type: z.literal('lawful_basis'),
  encoding: z.literal('json'),
  body: z.object({
    lawful_basis: z.enum([
      'consent',
      'contract',
      'legal_obligation',
      'vital_interests',
      'public_task',
      'legitimate_interests',
    ]),
    expiration: date.nullable(),
    purpose_grants: z.array(z.object({ purpose: z.string(), granted: z.boolean(), granted_at: date })),
    proof_mechanisms: z.array(
      z.object({
        proof_type: z.enum([
          'verbal_confirmation',
          'signed_document',
          'cryptographic_signature',
          'external_system',
        ]),
        timestamp: date,
        proof_data: z.record(z.string(), z.unknown()),
      }),
    ),
  }),
})

/** @returns every breach of the drafts in a vCon */
export function findVconFaults(value: unknown): string[] {
  const read = vcon.safeParse(value)
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const { parties, dialog: dialogs, attachments } = read.data
  const faults: string[] = []
  const demand = (holds: boolean, what: string) => {
    if (!holds) faults.push(what)
  }
  dialogs.forEach((piece, i) => {
    for (const one of [piece.parties].flat()) demand(one < parties.length, `dialog ${i}: no party ${one}`)
    const isSet = piece.type === 'recording-set'
    demand(isSet === (piece.recordings !== undefined), `dialog ${i}: recordings belong to a set`)
    for (const one of piece.recordings ?? [])
      demand(dialogs[one]?.recording_set === i, `dialog ${i}: ${one} does not name it as its set`)
    demand(!isSet || piece.body === undefined, `dialog ${i}: a set has no content`)
    demand(
      (piece.body === undefined) === (piece.encoding === undefined),
      `dialog ${i}: body without encoding`,
    )
    for (const { event, button } of piece.party_history ?? [])
      demand(event !== 'keydown' || button !== undefined, `dialog ${i}: a key without its button`)
  })
  attachments.forEach((one, i) => {
    demand(one.party < parties.length && one.dialog < dialogs.length, `attachment ${i} points at nothing`)
    const rules = { consent, lawful_basis: lawfulBasis }[one.purpose]
    const whole = (value as { attachments: unknown[] }).attachments[i]
    demand(rules?.safeParse(whole).success !== false, `attachment ${i}: not a ${one.purpose} by its draft`)
  })
  return faults
}
