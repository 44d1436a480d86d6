import { z } from 'zod'
import { AppError } from '../shared/errors.js'
import type { LinePolicy } from '../shared/policy.js'
import { WRITABLE_TEXT } from '../shared/texts.js'

/** Longest retention without a reason in `longerBecause`, days. */
const USUAL_RETENTION_DAYS = 30
/** Longest retention, days, against typing errors. No known legal duty exceeds ten years. */
const LONGEST_RETENTION_DAYS = 3_660

/** Lower-case words with hyphens, because purposes become folder names and prompt names become file names. */
const slug = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
  .max(40)
const freeText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(1_000)
  .regex(WRITABLE_TEXT, 'must not hold control characters')
/** A context or extension, without characters that have a meaning in a dialplan. */
const dialplanTarget = z
  .string()
  .regex(/^[A-Za-z0-9_*#+-]{1,79}$/, 'may hold only letters, digits and _ * # + -')
const key = z.string().regex(/^[0-9*#A-D]$/, 'must be one of the keys 0-9 * # A-D')
const keys = z.string().regex(/^[0-9*#A-D]{1,4}$/, 'must be one to four of the keys 0-9 * # A-D')

const nextStep = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('continue') }),
  z.strictObject({
    do: z.literal('transfer'),
    context: dialplanTarget,
    extension: dialplanTarget,
    priority: z.int().min(1).max(999),
  }),
  z.strictObject({ do: z.literal('hangup') }),
])

const purpose = z
  .strictObject({
    purpose: slug,
    retentionDays: z.int().min(1).max(LONGEST_RETENTION_DAYS),
    longerBecause: freeText.exactOptional(),
    legalBasis: freeText,
    prompts: z.strictObject({ question: slug, granted: slug, refused: slug }),
  })
  .refine(({ retentionDays, longerBecause }) => retentionDays <= USUAL_RETENTION_DAYS || longerBecause, {
    path: ['retentionDays'],
    error: `more than ${USUAL_RETENTION_DAYS} days need a reason in longerBecause`,
  })

const continueInDialplan = { do: 'continue' } as const

/** A line as an admin writes it: `LinePolicy` without the version, which the database gives. */
export const lineSchema = z
  .strictObject({
    number: z.string().regex(/^[0-9A-Za-z*#+]{1,64}$/, 'may hold only letters, digits and * # +'),
    language: z.enum(['ru', 'en']),
    mode: z.enum(['key', 'notice', 'none']),
    disclosure: slug,
    purposes: z.array(purpose).max(8),
    keys: z
      .strictObject({
        yes: key.default('1'),
        no: key.default('2'),
        withdraw: keys.default('*9'),
        pause: keys.default('*7'),
      })
      .prefault({}),
    bargeIn: z.boolean().default(true),
    waitMs: z.int().min(1_000).max(30_000).default(5_000),
    retries: z.int().min(0).max(5).default(1),
    onWithdraw: z.enum(['destroy', 'keep']).default('destroy'),
    pauseMaxMs: z.int().min(1_000).max(3_600_000).default(120_000),
    onRefused: nextStep.default(continueInDialplan),
    onSilent: nextStep.default(continueInDialplan),
    onFailed: nextStep.default(continueInDialplan),
  })
  .refine(({ mode, purposes }) => mode === 'none' || purposes.length > 0, {
    path: ['purposes'],
    error: 'a line that records needs a purpose',
  })
  .refine(({ purposes }) => new Set(purposes.map(({ purpose }) => purpose)).size === purposes.length, {
    path: ['purposes'],
    error: 'a purpose stands twice',
  })
  .refine(({ keys }) => new Set(Object.values(keys)).size === 4, {
    path: ['keys'],
    error: 'yes, no, withdraw and pause must differ',
  })

/** A checked line without its version, with all defaults. */
export type Line = Omit<LinePolicy, 'version'>

/**
 * Checks a line as an admin wrote it.
 *
 * @param input parsed JSON, unchecked
 * @throws AppError `policy.invalid`, whose message lists each invalid field by its path
 */
export function validateLine(input: unknown): Line {
  const checked = lineSchema.safeParse(input)
  if (checked.success) return checked.data
  const faults = checked.error.issues.flatMap(faultsOf)
  throw new AppError('policy.invalid', `The line's policy is not valid: ${faults.join('; ')}`)
}

/** Faults such as `purposes.0.legalBasis must not be empty`, without the value. */
function faultsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(name => `${[...path, name].join('.')} is not known`)
  }
  return [`${path.join('.') || 'the whole'} ${issue.message}`]
}
