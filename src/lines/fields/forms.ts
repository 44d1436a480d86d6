import * as z from 'zod'
import { issueText, text } from '../../core/message.js'
import { UNTURNED_TEXT, WRITABLE_TEXT } from '../../core/texts.js'

/** Longest retention without a reason in `longerBecause`, days. */
export const USUAL_RETENTION_DAYS = 30
/** Longest retention, days, against typing errors. No known legal duty exceeds ten years. */
const LONGEST_RETENTION_DAYS = 3_660

/** Lower-case words with hyphens, because purposes become folder names and prompt names become file names. */
export const slug = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
  .max(40)
export const freeText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(1_000)
  .regex(WRITABLE_TEXT, 'must not hold control characters')
  .regex(UNTURNED_TEXT, 'must not hold characters that turn the direction of writing')
export const key = z.string().regex(/^[0-9*#A-D]$/, 'must be one of the keys 0-9 * # A-D')
export const keys = z.string().regex(/^[0-9*#A-D]{1,4}$/, 'must be one to four of the keys 0-9 * # A-D')
export const retentionDays = z.int().min(1).max(LONGEST_RETENTION_DAYS)

interface Term {
  retentionDays: number
  longerBecause?: string | undefined
}

/** True if a term is not longer than usual, and has no reason to be. */
export const isTermUsual = ({ retentionDays, longerBecause }: Term): boolean =>
  retentionDays <= USUAL_RETENTION_DAYS && !longerBecause

/** Whether a term is usual, or has a reason. */
export const isTermReasoned = ({ retentionDays, longerBecause }: Term): boolean =>
  retentionDays <= USUAL_RETENTION_DAYS || longerBecause !== undefined
/** The fault of a longer term without a reason. */
export const unreasoned = {
  path: ['retentionDays'],
  error: issueText(text`more than ${USUAL_RETENTION_DAYS} days need a reason in longerBecause`),
}
