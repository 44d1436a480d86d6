import type { z } from 'zod'
import { AppError } from '../shared/errors.js'
import type { LinePolicy } from '../shared/policy.js'
import { lineSchema } from './schema.js'

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
