import { AppError } from '../../../core/errors.js'
import type { Language, LinePolicy } from '../../../core/policy.js'
import { plainNumber } from '../../../core/typed-number.js'
import { languages } from '../../../languages/languages.js'
import type { Control } from '../../../lines/fields/field.js'
import { fieldAt } from '../../../lines/fields/fields.js'

/** Controls of fields that take a number. */
const NUMBERS: ReadonlySet<Control> = new Set(['seconds', 'number', 'decimal', 'days', 'heard'])

/** The typed words for all of a disclosure, in either language. */
const ALL = /^(all|вс[её])$/i

/**
 * The control of a field. Undefined for an unknown or fixed field.
 * @param field path, such as `purposes.0.legalBasis`
 */
export function controlOf(field: string): Control | undefined {
  return /^purposes\.(?![0-7]\.)/.test(field) ? undefined : fieldAt(field)?.control
}

/** The name of a field in `lineDifferences`, where purposes have their names in place of indexes. */
export const nameOf = (field: string, policy: LinePolicy): string =>
  field.replace(
    /^purposes\.(\d)/,
    (_, place: string) => `purposes.${policy.purposes[Number(place)]?.purpose}`,
  )

/** The value at a path of a line. */
export function valueAt(line: unknown, field: string): unknown {
  let value: unknown = line
  for (const name of field.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

/**
 * The text that was typed in place of a number, so that it can be shown and corrected. Undefined for a number, or a
 * field that is not a number.
 *
 * @param input of a draft, unchecked
 */
export function typedAt(input: unknown, field: string): string | undefined {
  const control = controlOf(field)
  if (!control || !NUMBERS.has(control)) return undefined
  const typed = valueAt(input, field)
  return typeof typed === 'string' && !(control === 'heard' && typed === 'all') ? typed : undefined
}

/** The values that a form sends for a field. A `step` has several. `languages` has one key per language, in order. */
export interface TypedValue {
  value: string
  context?: string | undefined
  extension?: string | undefined
  priority?: string | undefined
  languages?: Readonly<Record<Language, string | undefined>>
}

/** The JSON value of typed text. An invalid number stays text, so that the check of the draft reports it. */
export function parseTyped(field: string, typed: TypedValue): unknown {
  const text = typed.value.trim()
  switch (controlOf(field)) {
    case undefined:
      throw new AppError('request.invalid', 'There is no such field in a line.')
    case 'heard':
      if (ALL.test(text)) return 'all'
      return numberOr(text, toMs)
    case 'seconds':
      return numberOr(text, toMs)
    case 'number':
    case 'days':
    case 'decimal':
      return numberOr(text, number => number)
    case 'languages':
      return languages()
        .map(language => ({ language, key: typed.languages?.[language]?.trim() ?? '' }))
        .filter(({ key }) => key !== '')
        .sort((one, other) => one.key.localeCompare(other.key))
    case 'switch':
      return text === 'true'
    case 'step':
      return text === 'transfer'
        ? {
            do: text,
            context: typed.context?.trim() ?? '',
            extension: plainNumber(typed.extension ?? ''),
            priority: numberOr(typed.priority?.trim() || '1', number => number),
          }
        : { do: text }
    default:
      return text
  }
}

/** @param seconds as typed */
const toMs = (seconds: number): number => Math.round(seconds * 1_000)

/** A decimal number with a point or a comma, as people write it: no powers, no other bases. */
const DECIMAL = /^-?\d+(?:[.,]\d+)?$/

function numberOr(text: string, make: (number: number) => number): number | string {
  return DECIMAL.test(text) ? make(Number(text.replace(',', '.'))) : text
}

/** How answers are kept. An empty legal basis means that none are kept. */
const KEPT_ANSWER = 'voice.keepAnswer'
const KEPT_ANSWER_BASIS = `${KEPT_ANSWER}.legalBasis`

/** True if this value turns the keeping of answers off. */
export const endsKeeping = (field: string, value: unknown): boolean =>
  field === KEPT_ANSWER_BASIS && value === ''

/** Turns the keeping of answers off in a draft's input, against its group. */
export const withKeepingRefused = (input: unknown): unknown => withValue(input, KEPT_ANSWER, false)

/**
 * Puts a value into a copy of a draft's input. Missing objects on the path are made; purposes are not.
 *
 * @param value an empty text removes an optional field; an empty legal basis removes the keeping of answers as a whole
 */
export function withValue(input: unknown, field: string, value: unknown): unknown {
  const changed: unknown = typeof input === 'object' && input !== null ? structuredClone(input) : {}
  const path = (endsKeeping(field, value) ? KEPT_ANSWER : field).split('.')
  const last = path.pop()!
  let place = changed as Record<string, unknown>
  for (const name of path) {
    const inner = place[name]
    if (typeof inner !== 'object' || inner === null) {
      if (Array.isArray(place)) throw new AppError('request.invalid', 'The draft has no such purpose.')
      place[name] = {}
    }
    place = place[name] as Record<string, unknown>
  }
  if (value === '' && (endsKeeping(field, value) || fieldAt(field)?.optional)) delete place[last]
  else place[last] = value
  return changed
}

/**
 * The draft's own purposes. A line of a group may have none: then the group's purposes by name alone, so that they
 * still inherit.
 *
 * @param shown the purposes of the completed line
 */
export const ownPurposes = (input: unknown, shown: LinePolicy['purposes']): unknown[] => {
  const own = (input as { purposes?: unknown } | null)?.purposes
  return Array.isArray(own) ? own : shown.map(({ purpose }) => ({ purpose }))
}
