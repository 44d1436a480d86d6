// Fake: the program's log, which collects warnings.
import type { Log } from '../../../src/lib/log.js'
import { silent } from '../processes/database.js'

/** @returns a silent log, and the warnings that were written to it */
export function createWarningLog(): { log: Log; warnings: string[] } {
  const warnings: string[] = []
  const log = silent.child({}, { level: 'trace' })
  log.warn = ((...words: unknown[]) => void warnings.push(String(words.at(-1)))) as typeof log.warn
  return { log, warnings }
}
