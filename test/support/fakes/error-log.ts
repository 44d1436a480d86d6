// Fake: the program's log, which collects errors.
import type { Log } from '../../../src/lib/log.js'
import { silent } from '../processes/database.js'

/** @returns a silent log, and the errors that were written to it, each with its text */
export function createErrorLog(): { log: Log; errors: (Record<string, unknown> & { text: string })[] } {
  const errors: (Record<string, unknown> & { text: string })[] = []
  const log = silent.child({})
  log.error = ((fields: object, text: string) => void errors.push({ ...fields, text })) as typeof log.error
  return { log, errors }
}
