import { z } from 'zod'

const time = z.iso.datetime()

/** The address of a prompt. The deed checks the name. */
export const key = z.object({ name: z.string().max(64), language: z.string().max(8) })
export const versionKey = key.extend({ version: z.coerce.number().int().min(1) })

/** A version of a prompt. */
export const version = z.object({
  name: z.string(),
  language: z.string(),
  version: z.int(),
  state: z.enum(['shipped', 'draft', 'published', 'replaced', 'withdrawn']),
  inForce: z.boolean(),
  text: z.string().describe('What callers understand'),
  template: z
    .string()
    .nullable()
    .describe('The words with their variables; null if they were shipped without'),
  variables: z.record(z.string(), z.unknown()),
  says: z.record(z.string(), z.unknown()).describe('What the words tell callers of a line'),
  sha256: z.string(),
  lengthMs: z.int(),
  lufs: z.number().nullable().describe('Loudness (EBU R128); null for shipped prompts'),
  truePeak: z.number().nullable().describe('dBTP; null for shipped prompts'),
  how: z.enum(['shipped', 'speech', 'upload', 'browser', 'telephone']),
  engine: z.string().nullable(),
  voice: z.string().nullable(),
  madeBy: z.string().nullable(),
  madeAt: time.nullable(),
  publishedBy: z.string().nullable(),
  publishedAt: time.nullable(),
})

/** The state of a prompt that the requester has seen. Absent fields are not compared. */
export const seen = z
  .strictObject({
    state: z.enum(['draft', 'replaced', 'withdrawn']).exactOptional().describe('The state of the version'),
    inForce: z
      .int()
      .min(0)
      .exactOptional()
      .describe('The version that was in force; 0: a shipped one, or none. If it is another one by now, 409'),
  })
  .nullish()

export const one = z.object({
  versions: z.array(version),
  lines: z.array(
    z.object({ number: z.string(), name: z.string().optional(), version: z.int(), inForce: z.boolean() }),
  ),
  drafts: z.array(z.object({ draft: z.uuid(), line: z.string(), name: z.string().optional() })),
  lastHeard: z.object({ call: z.uuid(), at: time }).nullable(),
})

/** A version whose state was changed. */
export const use = z.object({
  name: z.string(),
  language: z.string(),
  version: z.int(),
  replaced: z.int().nullable().describe('The version that was in force before; null for a shipped one'),
})

export const made = z.object({
  prompt: version,
  warnings: z.array(z.string()).describe('What to listen for before it is published'),
})

export const voice = z.object({ engine: z.string(), voice: z.string(), language: z.string() })

const oneKey = z.string().regex(/^[0-9*#]$/)
const days = z.int().min(1).max(3660)

/** Values of the variables. */
export const values = z.strictObject({
  company: z.string().min(1).max(200).exactOptional(),
  days: days.exactOptional(),
  terms: z.record(z.string(), days).exactOptional(),
  yes: oneKey.exactOptional(),
  no: oneKey.exactOptional(),
  key: z
    .string()
    .regex(/^[0-9]$/)
    .exactOptional(),
  withdraw: z
    .string()
    .regex(/^[0-9*#]{1,4}$/)
    .exactOptional(),
})

/** Promises of words to callers besides their variables. */
export const promises = z.strictObject({
  mode: z.enum(['key', 'voice-or-key', 'notice']).exactOptional(),
  onWithdraw: z.enum(['destroy', 'keep']).exactOptional(),
  onRefused: z.literal('served').exactOptional(),
  answer: z.enum(['granted', 'refused']).exactOptional(),
})

/** Words for a voice. */
export const spokenWords = z.strictObject({
  template: z
    .string()
    .exactOptional()
    .describe('Words with variables; those of the version in force by default'),
  of: z.int().min(1).exactOptional().describe('The version whose words are spoken'),
  like: z
    .string()
    .max(64)
    .exactOptional()
    .describe('A prompt whose words, values and promises are the default of a name that is new'),
  line: z
    .string()
    .max(64)
    .exactOptional()
    .describe(
      'A line, or the id of a draft, whose keys and terms the variables get. A number that is no line yet stands for its draft',
    ),
  values: values.exactOptional(),
  promises: promises.exactOptional(),
  engine: z.string().max(64).exactOptional(),
  voice: z.string().max(64).exactOptional().describe('The best voice of the language by default'),
})
