import type { z } from 'zod'
import { AppError } from '../shared/errors.js'
import type { LinePolicy } from '../shared/policy.js'
import { lineSchema } from './schema.js'

/** A checked line without its version, complete with what was left to default. */
export type Line = Omit<LinePolicy, 'version'>

/**
 * Checks what an admin wrote about a line.
 *
 * @param input parsed JSON, of any content
 * @throws AppError `policy.invalid` that lists every faulty field by its path
 */
export function validateLine(input: unknown): Line {
  const checked = lineSchema.safeParse(input)
  if (checked.success) return checked.data
  const faults = checked.error.issues.flatMap(faultsOf)
  throw new AppError('policy.invalid', `The line's policy is not valid: ${faults.join('; ')}`)
}

/** `purposes.0.legalBasis must not be empty`; of the value itself nothing, for it may be anything. */
function faultsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(name => `${[...path, name].join('.')} is not known`)
  }
  return [`${path.join('.') || 'the whole'} ${issue.message}`]
}
