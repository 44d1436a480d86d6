import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { z } from 'zod'
import { projectRoot } from '../../../src/lib/process/project.js'

// Two independent readings of the drafts: a JSON schema of the core draft, and the rules that cross references follow.

const date = z.iso.datetime({ offset: true })
const place = z.int().nonnegative()

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

interface Dialog {
  type: string
  start: string
  duration?: number
  parties: (number | null)[]
  recordings?: number[]
  recording_set?: number
  party_history?: { party: number }[]
}

interface Vcon {
  uuid: string
  parties: object[]
  dialog: Dialog[]
  attachments: { party: number; dialog: number; purpose?: string }[]
}

let schema: ValidateFunction<Vcon> | undefined

/** The schema that is rewritten from the text of the core draft. */
function coreSchema(): ValidateFunction<Vcon> {
  if (schema) return schema
  const ajv = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false })
  formats.default(ajv)
  const text = readFileSync(join(projectRoot(), 'test', 'support', 'data', 'vcon-schema.json'), 'utf8')
  schema = ajv.compile<Vcon>(JSON.parse(text))
  return schema
}

/** @returns every breach of the drafts in a vCon */
export function findVconFaults(value: unknown): string[] {
  const validate = coreSchema()
  if (!validate(value))
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
  const { uuid, parties, dialog: dialogs, attachments } = value
  const faults: string[] = []
  const demand = (holds: boolean, what: string) => {
    if (!holds) faults.push(what)
  }
  demand(/^.{14}8/.test(uuid), 'the uuid is not of version 8')
  dialogs.forEach((piece, i) => {
    for (const one of piece.parties)
      demand(one === null || one < parties.length, `dialog ${i}: no party ${one}`)
    for (const one of piece.recordings ?? [])
      demand(dialogs[one]?.recording_set === i, `dialog ${i}: ${one} does not name it as its set`)
    const set = piece.recording_set
    demand(set === undefined || dialogs[set]?.recordings?.includes(i) === true, `dialog ${i}: not in its set`)
    for (const { party } of piece.party_history ?? [])
      demand(party < parties.length, `dialog ${i}: no party ${party}`)
  })
  attachments.forEach((one, i) => {
    demand(one.party < parties.length && one.dialog < dialogs.length, `attachment ${i} points at nothing`)
    const rules = { consent, lawful_basis: lawfulBasis }[one.purpose ?? '']
    demand(rules?.safeParse(one).success !== false, `attachment ${i}: not a ${one.purpose} by its draft`)
  })
  return faults
}
