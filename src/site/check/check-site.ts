import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { withDeadline } from '../../lib/deadline.js'
import { asteriskFiles, gosub } from '../facts/asterisk-files.js'
import { clock, database, journal, schema } from '../facts/database.js'
import { type Outcome, unknown } from '../facts/fact.js'
import { FACT_IDS, FACTS } from '../facts/facts.js'
import { keyStore, keys, store } from '../facts/keys.js'
import { asterisk, keepers, limits, memory, tapFolder } from '../facts/machine.js'
import { dialplan, modules, pbx, pbxOptions, sides, tap } from '../facts/pbx.js'
import { pbxRecording } from '../facts/pbx-recording.js'
import { prompts } from '../facts/prompts.js'
import { addresses, programs, service, settings, settingsFile } from '../facts/settings.js'
import type { Site } from '../facts/site.js'
import type { CheckName, CheckResult } from './check.js'

/** Longest time for a check, ms. A probe of the tap takes seven seconds at most, and prompts are played for some. */
const LONGEST_MS = 30_000

/**
 * Runs checks one after another, because they share their subject and must not load a busy machine.
 *
 * @param wanted names of the checks; all by default
 * @param onResult called with each result at once
 * @returns all results. A check that another fault prevents is `unknown`
 */
export async function checkSite(
  site: Site,
  wanted?: readonly CheckName[],
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const name of FACT_IDS.filter(one => wanted === undefined || wanted.includes(one))) {
    const result = { name, title: FACTS[name].title, outcome: await runCheck(name, site) }
    results.push(result)
    onResult(result)
  }
  return results
}

async function runCheck(name: CheckName, site: Site): Promise<Outcome> {
  try {
    return await withDeadline(READ[name](site), { clock: systemClock, ms: LONGEST_MS, error: notEnded })
  } catch (error) {
    const why = error instanceof AppError ? error.message : systemWords(error)
    return unknown(`It could not be checked: ${why}`, `Проверить не удалось: ${why}`)
  }
}

const notEnded = () => new AppError('tool.failed', `it did not end within ${LONGEST_MS / 1_000} s`)

/**
 * The system's message, such as `EACCES: permission denied, open '…'`.
 * @throws an error that is a mistake of this program
 */
function systemWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return message || code
  throw error
}

/** How each fact is read. An error makes the outcome `unknown`. */
const READ: Record<CheckName, (site: Site) => Promise<Outcome>> = {
  ...{ settings, 'settings-file': settingsFile, programs, addresses, service },
  ...{ database, schema, journal, clock },
  ...{ store, 'key-store': keyStore, keys },
  ...{ pbx, modules, dialplan, 'pbx-options': pbxOptions, tap, sides },
  ...{ gosub, 'asterisk-files': asteriskFiles, 'pbx-recording': pbxRecording },
  ...{ asterisk, 'tap-folder': tapFolder, keepers, memory, limits },
  prompts,
}
