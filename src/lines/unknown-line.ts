import type { LinePolicy } from '../core/policy.js'
import { inFormOfLine } from './blank-line.js'

/**
 * The policy of a number that is not a line, or whose policy is invalid: calls continue in the dialplan and are not
 * recorded.
 */
export const unknownLine = (number: string, version = 0): LinePolicy =>
  inFormOfLine({ number, version, language: 'ru', mode: 'none', disclosure: 'disclosure-key', retries: 0 })
