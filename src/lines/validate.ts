import * as z from 'zod'
import { AppError } from '../core/errors.js'
import { issueText, type Message, messageOf, text, textOf } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import { languageSchema } from '../languages/languages.js'
import { inFormOfLine } from './blank-line.js'
import { faultWords } from './fault-words.js'
import { freeText, isTermReasoned, retentionDays, slug, unreasoned } from './field-schemas.js'
import { LINE_RULES } from './line-rules.js'
import { isTree } from './tree.js'
import { sharedVoice, voice } from './voice-schema.js'

/** Maximum number of purposes of a line. A caller is asked about each of them. */
const MAX_PURPOSES = 8

/**
 * Longest part of a disclosure that a line may require to be heard, ms. Callers do not stay for a longer disclosure.
 */
const LONGEST_MIN_HEARD_MS = 60_000

/** Numbers that no line can have: the console has other pages at these addresses below `/lines/`. */
export const RESERVED_NUMBERS: readonly string[] = ['groups', 'new']

/** The name of a line for people. Lists show it beside the number. */
const lineName = freeText.max(60)
/** The name of a company, as prompts say it. */
const company = freeText.max(200)
/** A context or extension, without characters that have a meaning in a dialplan. */
const dialplanTarget = z
  .string()
  .min(1, 'must not be empty')
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

/** Languages that callers choose by a key. Only digits, because other keys begin a withdrawal or a pause. */
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

const keyFields = { yes: key, no: key, withdraw: keys, pause: keys }

/** The fields of a line without parts, without their defaults. */
const plainFields = {
  language: languageSchema,
  company,
  languages,
  mode: z.enum(['key', 'voice-or-key', 'notice', 'none']),
  disclosure: slug,
  bargeIn: z.boolean(),
  minHeardMs: z.union([z.int().min(0).max(LONGEST_MIN_HEARD_MS), z.literal('all')], {
    error: issueText(text`must be "all", or at most ${{ ms: LONGEST_MIN_HEARD_MS }}`),
  }),
  waitMs: z.int().min(1_000).max(30_000),
  retries: z.int().min(0).max(5),
  onWithdraw: z.enum(['destroy', 'keep']),
  onOutsider: z.enum(['pause', 'own-side', 'ask']),
  outsiderDisclosure: slug,
  onHold: z.enum(['record', 'pause']),
  askKeys: keys,
  pauseMaxMs: z.int().min(1_000).max(3_600_000),
  onRefused: nextStep,
  onSilent: nextStep,
  onFailed: nextStep,
}

const continueInDialplan = { do: 'continue' } as const

/** The fields of a line. */
const lineFields = z.strictObject({
  number: z
    .string()
    .regex(/^[0-9A-Za-z*#+]{1,64}$/, 'may hold only letters, digits and * # +')
    .refine(
      number => !RESERVED_NUMBERS.includes(number),
      'is the address of another page of the console: choose another number',
    ),
  name: lineName.exactOptional(),
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
  minHeardMs: plainFields.minHeardMs.exactOptional(),
  waitMs: plainFields.waitMs.default(5_000),
  retries: plainFields.retries.default(1),
  onWithdraw: plainFields.onWithdraw.default('destroy'),
  onOutsider: plainFields.onOutsider.exactOptional(),
  outsiderDisclosure: plainFields.outsiderDisclosure.exactOptional(),
  onHold: plainFields.onHold.exactOptional(),
  askKeys: plainFields.askKeys.exactOptional(),
  pauseMaxMs: plainFields.pauseMaxMs.default(120_000),
  onRefused: nextStep.default(continueInDialplan),
  onSilent: nextStep.default(continueInDialplan),
  onFailed: nextStep.default(continueInDialplan),
})

/** A line as an admin writes it: `LinePolicy` without the version, which the database gives. */
export const lineSchema = LINE_RULES.reduce(
  (schema, { holds, path, error }) => schema.refine(holds, { path: [...path], error: issueText(error) }),
  lineFields,
)

/** The fields that several lines share. Each of them may be absent, and a line then states it itself. */
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

/** A fault of a line at one of its fields. */
export interface LineFault {
  /** Path of the field, such as `['purposes', 0, 'legalBasis']`. Empty for the whole line. */
  path: (string | number)[]
  /** The fault, for people, without the value. */
  text: Message
}

/** Checks a line as an admin wrote it. @param input parsed JSON, unchecked @returns the line, or all its faults */
export function checkLine(
  input: unknown,
): { line: Line; faults: [] } | { line: undefined; faults: LineFault[] } {
  const checked = lineSchema.safeParse(input, { error: faultWords })
  if (checked.success) return { line: checked.data, faults: [] }
  const faults = oneOfEach(checked.error.issues.flatMap(faultsOf))
  return { line: undefined, faults: [...faults, ...brokenRules(input, faults)] }
}

/**
 * The broken rules about several fields of a line with invalid fields. They are reported together with the invalid
 * fields, so that correcting these reveals no further faults.
 */
function brokenRules(input: unknown, faults: readonly LineFault[]): LineFault[] {
  if (!isTree(input)) return []
  const line = inFormOfLine(input)
  return LINE_RULES.filter(({ holds }) => !holds(line))
    .filter(({ path: [first, second] }) =>
      faults.every(
        ({ path }) => path[0] !== first || (first !== 'keys' && path.length > 1 && path[1] !== second),
      ),
    )
    .map(({ path, error }) => ({ path: [...path], text: error }))
}

/** Keeps one fault of each field: its other faults follow from the same value. */
function oneOfEach(faults: readonly LineFault[]): LineFault[] {
  const found = new Map<string, LineFault>()
  for (const fault of faults) {
    const place = fault.path.join('.')
    const known = found.get(place)
    if (!known || known.text.values[0] === Number.MAX_SAFE_INTEGER) found.set(place, fault)
  }
  return [...found.values()]
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
  throw new AppError(
    'policy.invalid',
    text`The line's policy is not valid: ${{ list: faults.map(faultText), between: '; ' }}`,
  )
}

/** Checks the fields of a group. @param input parsed JSON, unchecked @returns the fields, or all their faults */
export function checkGroup(
  input: unknown,
): { fields: GroupFields; faults: [] } | { fields: undefined; faults: LineFault[] } {
  const checked = groupSchema.safeParse(input, { error: faultWords })
  if (checked.success) return { fields: checked.data, faults: [] }
  return { fields: undefined, faults: oneOfEach(checked.error.issues.flatMap(faultsOf)) }
}

/** The same. @throws AppError `policy.invalid` */
export function validateGroup(input: unknown): GroupFields {
  const { fields, faults } = checkGroup(input)
  if (fields) return fields
  throw new AppError(
    'policy.invalid',
    text`The group is not valid: ${{ list: faults.map(faultText), between: '; ' }}`,
  )
}

/** Faults such as `purposes.0.legalBasis must not be empty`. */
export const faultText = ({ path, text: fault }: LineFault): Message =>
  text`${{ field: path.join('.') }} ${fault}`

function faultsOf(issue: z.core.$ZodIssue): LineFault[] {
  const path = issue.path.map(step => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(name => ({ path: [...path, name], text: messageOf('is not known') }))
  // For a field with several forms, returns the faults inside the form that the value has.
  const meant =
    issue.code === 'invalid_union' ? issue.errors.find(faults => faults.every(isInside)) : undefined
  if (meant) return meant.flatMap(inner => faultsOf({ ...inner, path: [...issue.path, ...inner.path] }))
  return [{ path, text: textOf(issue) }]
}

const isInside = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.length > 0 || code === 'unrecognized_keys'
