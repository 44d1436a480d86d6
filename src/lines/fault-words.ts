import type { z } from 'zod'
import { issueText, type Message, messageOf, text } from '../core/message.js'

type Issue = z.core.$ZodRawIssue

/**
 * Describes for people the fault of a field's form, by the code of zod's issue. A bound of a field in milliseconds has
 * its unit. Rules with words of their own keep them.
 *
 * @returns undefined for issues that have words elsewhere
 */
export const faultWords = (issue: Issue): string | undefined => {
  const words = wordsOf(issue)
  return words && issueText(typeof words === 'string' ? messageOf(words) : words)(issue)
}

function wordsOf(issue: Issue): string | Message | undefined {
  const { code } = issue
  if (code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : (TYPES[issue.expected] ?? OTHER)
  if (code === 'too_small') return text`must be at least ${inUnit(issue, issue.minimum)}`
  if (code === 'too_big') return tooBig(issue)
  if (code === 'invalid_value') return text`must be one of: ${issue.values.join(', ')}`
  if (code === 'invalid_format' || code === 'invalid_union') return OTHER
  return undefined
}

const OTHER = 'has a form that this field cannot have'

/** The form that a field must have, by the type that zod expects. */
const TYPES: Readonly<Record<string, string>> = {
  number: 'must be a number',
  int: 'must be a whole number',
  string: 'must be a text',
  boolean: 'must be true or false',
  array: 'must be a list',
}

function tooBig(issue: Extract<Issue, { code: 'too_big' }>): Message {
  const { origin, maximum } = issue
  if (origin === 'string') return text`may have at most ${String(maximum)} characters`
  if (origin === 'array') return text`may have at most ${String(maximum)} entries`
  return text`must be at most ${inUnit(issue, maximum)}`
}

/** A bound in the unit that the name of its field ends with. */
const inUnit = ({ path }: Issue, bound: number | bigint): number | { ms: number } =>
  String(path?.at(-1)).endsWith('Ms') ? { ms: Number(bound) } : Number(bound)
