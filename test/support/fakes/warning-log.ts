import type { Log } from '../../../src/shared/log.js'
import { silent } from '../processes/database.js'

/** A log, and the warnings that it was told. */
export function createWarningLog(): { log: Log; warnings: string[] } {
  const warnings: string[] = []
  const log = silent.child({}, { level: 'trace' })
  log.warn = ((...words: unknown[]) => void warnings.push(String(words.at(-1)))) as typeof log.warn
  return { log, warnings }
}
