import type { z } from 'zod'

type Issue = z.core.$ZodRawIssue

/**
 * Describes for people the fault of a field's form, by the code of zod's issue. A bound of a field in milliseconds has
 * its unit. Rules with words of their own keep them.
 *
 * @returns undefined for issues that have words elsewhere
 */
export function faultWords(issue: Issue): string | undefined {
  const { code } = issue
  if (code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : (TYPES[issue.expected] ?? OTHER)
  if (code === 'too_small') return `must be at least ${issue.minimum}${unitOf(issue)}`
  if (code === 'too_big') return tooBig(issue)
  if (code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}`
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

function tooBig(issue: Extract<Issue, { code: 'too_big' }>): string {
  const { origin, maximum } = issue
  if (origin === 'string') return `may have at most ${maximum} characters`
  if (origin === 'array') return `may have at most ${maximum} entries`
  return `must be at most ${maximum}${unitOf(issue)}`
}

/** The unit that the name of a field ends with. */
const unitOf = ({ path }: Issue): string => (String(path?.at(-1)).endsWith('Ms') ? ' ms' : '')
