import * as z from 'zod'
import { AppError } from '../core/errors.js'
import { issueText, type Message, messageOf, text, textOf } from '../core/message.js'
import type { LinePolicy } from '../core/policy.js'
import { inFormOfLine } from './blank-line.js'
import { faultWords } from './fault-words.js'
import { groupShape, lineShape } from './fields/fields.js'
import { LINE_RULES } from './line-rules.js'
import { isTree } from './tree.js'

/** Numbers that no line can have: the console has other pages at these addresses below `/lines/`. */
export const RESERVED_NUMBERS: readonly string[] = ['groups', 'new']

/** The fields of a line. */
const lineFields = z.strictObject({
  number: z
    .string()
    .regex(/^[0-9A-Za-z*#+]{1,64}$/, 'may hold only letters, digits and * # +')
    .refine(
      number => !RESERVED_NUMBERS.includes(number),
      'is the address of another page of the console: choose another number',
    ),
  ...lineShape,
})

/** A line as an admin writes it: `LinePolicy` without the version, which the database gives. */
export const lineSchema = LINE_RULES.reduce(
  (schema, { holds, path, error }) => schema.refine(holds, { path: [...path], error: issueText(error) }),
  lineFields,
)

/** The fields that several lines share. Each of them may be absent, and a line then states it itself. */
export const groupSchema = z
  .strictObject(groupShape)
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
