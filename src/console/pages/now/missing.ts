import { listLines } from '../../../operations/lines/change-lines.js'
import type { ConsoleDeps } from '../../deps.js'

/** What a new installation still lacks. */
export type Missing = 'line' | 'keys' | 'company'

/** Finds out what is still to be set up. */
export async function missingIn(deps: ConsoleDeps): Promise<Missing[]> {
  const { recipients, operator } = deps.config
  const lines = await listLines(deps)
  return [
    ...(lines.length === 0 ? (['line'] as const) : []),
    ...(recipients.length === 0 ? (['keys'] as const) : []),
    ...(operator ? [] : (['company'] as const)),
  ]
}
