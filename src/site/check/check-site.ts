import { systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { words } from '../../core/words.js'
import { withDeadline } from '../../lib/deadline.js'
import type { Check, CheckName, CheckResult, Outcome } from './check.js'
import { addresses } from './checks/addresses.js'
import { asterisk } from './checks/asterisk.js'
import { asteriskFiles } from './checks/asterisk-files.js'
import { clock } from './checks/clock.js'
import { database } from './checks/database.js'
import { dialplan } from './checks/dialplan.js'
import { gosub } from './checks/gosub.js'
import { journal } from './checks/journal.js'
import { keepers } from './checks/keepers.js'
import { keys } from './checks/keys.js'
import { limits } from './checks/limits.js'
import { memory } from './checks/memory.js'
import { modules } from './checks/modules.js'
import { pbx } from './checks/pbx.js'
import { pbxOptions } from './checks/pbx-options.js'
import { pbxRecording } from './checks/pbx-recording.js'
import { programs } from './checks/programs.js'
import { prompts } from './checks/prompts.js'
import { schema } from './checks/schema.js'
import { service } from './checks/service.js'
import { settings } from './checks/settings.js'
import { settingsFile } from './checks/settings-file.js'
import { sides } from './checks/sides.js'
import { keyStore, store } from './checks/stores.js'
import { tap } from './checks/tap.js'
import { tapFolder } from './checks/tap-folder.js'
import type { Site } from './site.js'

/** Longest time for a check, ms. A probe of the tap takes seven seconds at most, and prompts are played for some. */
const LOOK_MS = 30_000

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
  for (const check of CHECKS.filter(({ name }) => wanted === undefined || wanted.includes(name))) {
    const result = { name: check.name, title: check.title, outcome: await lookAt(check, site) }
    results.push(result)
    onResult(result)
  }
  return results
}

async function lookAt(check: Check, site: Site): Promise<Outcome> {
  try {
    return await withDeadline(check.look(site), { clock: systemClock, ms: LOOK_MS, error: notEnded })
  } catch (error) {
    const why = error instanceof AppError ? error.message : systemWords(error)
    return {
      state: 'unknown',
      found: words(`It could not be looked at: ${why}`, `Проверить не удалось: ${why}`),
    }
  }
}

const notEnded = () => new AppError('tool.failed', `it did not end within ${LOOK_MS / 1_000} s`)

/**
 * The system's message, such as `EACCES: permission denied, open '…'`.
 * @throws an error that is a mistake of this program
 */
function systemWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (typeof code === 'string') return message || code
  throw error
}

/** All checks, in the order of `CHECK_NAMES`. */
const CHECKS: readonly Check[] = [
  settings,
  settingsFile,
  programs,
  addresses,
  service,
  database,
  schema,
  journal,
  clock,
  store,
  keyStore,
  keys,
  pbx,
  modules,
  dialplan,
  gosub,
  pbxOptions,
  asterisk,
  asteriskFiles,
  pbxRecording,
  tapFolder,
  tap,
  sides,
  keepers,
  prompts,
  memory,
  limits,
]
