import * as z from 'zod'
import { languageSchema } from '../languages/languages.js'
import { AppError } from '../shared/errors.js'
import {
  HEARD_LANGUAGES,
  isHeard,
  KEPT_ANSWER_PURPOSE,
  keptAnswerOf,
  type LinePolicy,
} from '../shared/policy.js'
import { faultWords } from './fault-words.js'
import { freeText, isTermReasoned, retentionDays, slug, unreasoned } from './field-schemas.js'
import { sharedVoice, voice } from './voice-schema.js'

/** Most purposes of a line. A caller is asked each of them. */
const MAX_PURPOSES = 8

/** What no line is called: the console has other pages at these addresses below `/lines/`. */
export const RESERVED_NUMBERS: readonly string[] = ['groups', 'new']

/** The name of a company, as prompts say it. */
const company = freeText.max(200)
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

const prompts = z.strictObject({ question: slug, granted: slug, refused: slug })
const purpose = z
  .strictObject({
    purpose: slug,
    retentionDays,
    longerBecause: freeText.exactOptional(),
    legalBasis: freeText,
    prompts,
  })
  .refine(isTermReasoned, unreasoned)

/** Languages of which callers choose one by a key. Digits alone, because other keys begin a withdrawal or a pause. */
const languages = z
  .array(
    z.strictObject({
      language: languageSchema,
      key: z.string().regex(/^[0-9]$/, 'must be one of the keys 0-9'),
    }),
  )
  .max(9)
  .refine(offered => offered.length !== 1, 'offer two languages or more, or none')
  .refine(
    offered => new Set(offered.map(({ language }) => language)).size === offered.length,
    'a language stands twice',
  )
  .refine(
    offered => new Set(offered.map(({ key }) => key)).size === offered.length,
    'two languages have one key',
  )

/** Shortest wait where callers may answer by voice, ms. Many begin to speak only after two seconds. */
const VOICE_WAIT_MS = 3_000

const keyFields = { yes: key, no: key, withdraw: keys, pause: keys }

/** The fields of a line that have no parts, without their defaults. */
const plainFields = {
  language: languageSchema,
  company,
  languages,
  mode: z.enum(['key', 'voice-or-key', 'notice', 'none']),
  disclosure: slug,
  bargeIn: z.boolean(),
  waitMs: z.int().min(1_000).max(30_000),
  retries: z.int().min(0).max(5),
  onWithdraw: z.enum(['destroy', 'keep']),
  pauseMaxMs: z.int().min(1_000).max(3_600_000),
  onRefused: nextStep,
  onSilent: nextStep,
  onFailed: nextStep,
}

const continueInDialplan = { do: 'continue' } as const

/** A line as an admin writes it: `LinePolicy` without the version, which the database gives. */
export const lineSchema = z
  .strictObject({
    number: z
      .string()
      .regex(/^[0-9A-Za-z*#+]{1,64}$/, 'may hold only letters, digits and * # +')
      .refine(
        number => !RESERVED_NUMBERS.includes(number),
        'is the address of another page of the console: choose another number',
      ),
    language: plainFields.language,
    company: company.exactOptional(),
    languages: plainFields.languages.exactOptional(),
    mode: plainFields.mode,
    voice: voice.exactOptional(),
    disclosure: plainFields.disclosure,
    purposes: z.array(purpose).max(MAX_PURPOSES),
    keys: z
      .strictObject({
        yes: keyFields.yes.default('1'),
        no: keyFields.no.default('2'),
        withdraw: keyFields.withdraw.default('*9'),
        pause: keyFields.pause.default('*7'),
      })
      .prefault({}),
    bargeIn: plainFields.bargeIn.default(true),
    waitMs: plainFields.waitMs.default(5_000),
    retries: plainFields.retries.default(1),
    onWithdraw: plainFields.onWithdraw.default('destroy'),
    pauseMaxMs: plainFields.pauseMaxMs.default(120_000),
    onRefused: nextStep.default(continueInDialplan),
    onSilent: nextStep.default(continueInDialplan),
    onFailed: nextStep.default(continueInDialplan),
  })
  .refine(({ mode, purposes }) => mode === 'none' || purposes.length > 0, {
    path: ['purposes'],
    error: 'a line that records needs a purpose',
  })
  .refine(
    ({ language, languages = [] }) =>
      languages.length === 0 || languages.some(one => one.language === language),
    { path: ['languages'], error: "must include the line's own language" },
  )
  .refine(({ purposes }) => new Set(purposes.map(({ purpose }) => purpose)).size === purposes.length, {
    path: ['purposes'],
    error: 'a purpose stands twice',
  })
  .refine(({ keys }) => new Set(Object.values(keys)).size === 4, {
    path: ['keys'],
    error: 'yes, no, withdraw and pause must differ',
  })

  .refine(({ mode, voice }) => mode !== 'voice-or-key' || voice !== undefined, {
    path: ['voice', 'engine'],
    error: 'must name the engine that hears the answers, because the mode is voice-or-key',
  })
  .refine(
    ({ mode, voice }) => mode !== 'voice-or-key' || voice?.engine !== 'embedded' || voice.experimental,
    {
      path: ['voice', 'experimental'],
      error: 'must be true for the engine "embedded": it was measured on too few people to be proven',
    },
  )
  .refine(
    ({ mode, language, languages = [] }) =>
      mode !== 'voice-or-key' || [language, ...languages.map(one => one.language)].every(isHeard),
    {
      path: ['mode'],
      error: `can be "voice-or-key" only in the languages ${HEARD_LANGUAGES.join(' and ')}: in others, callers answer by key`,
    },
  )
  .refine(({ mode, waitMs }) => mode !== 'voice-or-key' || waitMs >= VOICE_WAIT_MS, {
    path: ['waitMs'],
    error: `must be at least ${VOICE_WAIT_MS} ms where callers answer by voice`,
  })

  .refine(
    line => !keptAnswerOf(line) || line.purposes.every(({ purpose }) => purpose !== KEPT_ANSWER_PURPOSE),
    {
      path: ['voice', 'keepAnswer'],
      error: `cannot be used where a purpose is called "${KEPT_ANSWER_PURPOSE}": kept answers are recordings of that purpose`,
    },
  )

/** What several lines share: fields of a line, each of which may be absent. A line states the others itself. */
export const groupSchema = z
  .strictObject({
    ...plainFields,
    purposes: z
      .array(
        z
          .strictObject({
            retentionDays,
            longerBecause: freeText,
            legalBasis: freeText,
            prompts: prompts.partial(),
          })
          .partial()
          .extend({ purpose: slug }),
      )
      .max(MAX_PURPOSES),
    keys: z.strictObject(keyFields).partial(),
    voice: sharedVoice,
  })
  .partial()
  .refine(({ purposes = [] }) => new Set(purposes.map(({ purpose }) => purpose)).size === purposes.length, {
    path: ['purposes'],
    error: 'a purpose stands twice',
  })

/** The checked fields of a group. */
export type GroupFields = z.infer<typeof groupSchema>

/** A checked line without its version, with all defaults. */
export type Line = Omit<LinePolicy, 'version'>

/** What is wrong with a line, at one of its fields. */
export interface LineFault {
  /** Where the field is, such as `['purposes', 0, 'legalBasis']`. Empty for the whole line. */
  path: (string | number)[]
  /** What is wrong, for people, without the value. */
  message: string
}

/** Checks a line as an admin wrote it. @param input parsed JSON, unchecked @returns the line, or all its faults */
export function checkLine(
  input: unknown,
): { line: Line; faults: [] } | { line: undefined; faults: LineFault[] } {
  const checked = lineSchema.safeParse(input, { error: faultWords })
  if (checked.success) return { line: checked.data, faults: [] }
  return { line: undefined, faults: checked.error.issues.flatMap(faultsOf) }
}

/**
 * Checks a line as an admin wrote it.
 *
 * @param input parsed JSON, unchecked
 * @throws AppError `policy.invalid`, whose message lists each invalid field by its path
 */
export function validateLine(input: unknown): Line {
  const { line, faults } = checkLine(input)
  if (line) return line
  throw new AppError('policy.invalid', `The line's policy is not valid: ${faults.map(faultText).join('; ')}`)
}

/** Checks the fields of a group. @param input parsed JSON, unchecked @returns the fields, or all their faults */
export function checkGroup(
  input: unknown,
): { fields: GroupFields; faults: [] } | { fields: undefined; faults: LineFault[] } {
  const checked = groupSchema.safeParse(input, { error: faultWords })
  if (checked.success) return { fields: checked.data, faults: [] }
  return { fields: undefined, faults: checked.error.issues.flatMap(faultsOf) }
}

/** The same. @throws AppError `policy.invalid` */
export function validateGroup(input: unknown): GroupFields {
  const { fields, faults } = checkGroup(input)
  if (fields) return fields
  throw new AppError('policy.invalid', `The group is not valid: ${faults.map(faultText).join('; ')}`)
}

/** Faults such as `purposes.0.legalBasis must not be empty`. */
export const faultText = ({ path, message }: LineFault): string =>
  `${path.join('.') || 'the whole'} ${message}`

function faultsOf(issue: z.core.$ZodIssue): LineFault[] {
  const path = issue.path.map(step => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => ({ path: [...path, name], message: 'is not known' }))
  // Of a field with several forms, the faults inside the form that was meant: the value itself has that form.
  const meant =
    issue.code === 'invalid_union' ? issue.errors.find(faults => faults.every(isInside)) : undefined
  if (meant) return meant.flatMap(inner => faultsOf({ ...inner, path: [...issue.path, ...inner.path] }))
  return [{ path, message: issue.message }]
}

const isInside = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.length > 0 || code === 'unrecognized_keys'
