import { dialplanVersion } from '../../asterisk/dialplan-version.js'
import { askConsole } from '../../lib/host/asterisk-console.js'
import { planAsteriskFiles } from './asterisk-files.js'
import { findAsteriskFacts, planAsteriskUnit } from './asterisk-unit.js'
import type { StepPlan } from './change.js'
import { EMBEDDED_DATABASE, planDatabase, type Superuser } from './database.js'
import { planFolders } from './folders.js'
import { type KeyChoice, planKeys } from './keys.js'
import { type Machine, readFile, runningAsterisk } from './machine.js'
import { ariUserFor, OWNER_FILE, planSettings, readSettings } from './settings.js'
import { planUnits } from './units.js'

/** The decisions of people. */
export interface Choices {
  /** Undefined: the embedded database. */
  superuser: Superuser | undefined
  keys: KeyChoice
}

/**
 * Plans the whole installation, in the order in which it is carried out. Nothing is changed.
 *
 * @throws AppError `tool.failed`, `db.unavailable`, `request.invalid`
 */
export async function planSetup(machine: Machine, { superuser, keys: choice }: Choices): Promise<StepPlan[]> {
  const settings = readSettings(machine)
  const facts = findAsteriskFacts(machine, await asteriskVersion(machine))
  const user = ariUserFor(machine, settings)
  const folders = planFolders(machine, facts.group)
  const database = superuser ? await planDatabase(superuser, knownUrls(machine, settings)) : EMBEDDED_DATABASE
  const keys = await planKeys(machine, choice, settings['CONSENTRY_RECIPIENTS'])
  const own = planSettings(machine, { user, database, recipients: keys.recipients })
  const settingsChange = own.changes.length > 0 || keys.changes.length > 0
  return [
    planAsteriskUnit(machine, facts),
    folders,
    planAsteriskFiles(machine, user, await hasOldDialplan(machine)),
    database,
    keys,
    own,
    await planUnits(machine, { embedded: superuser === undefined, settingsChange }),
  ]
}

const knownUrls = (machine: Machine, settings: Record<string, string>) => ({
  service: settings['DATABASE_URL'] ?? settings['DATABASE_URL_FILE'],
  console: settings['DATABASE_CONSOLE_URL'] ?? settings['DATABASE_CONSOLE_URL_FILE'],
  owner: readFile(machine, OWNER_FILE)?.trim(),
})

/** The version that a running Asterisk reports, such as `Asterisk 22.10.1`. */
async function asteriskVersion(machine: Machine): Promise<string | undefined> {
  const running = runningAsterisk(machine)
  if (!running) return undefined
  const said = await askConsole(machine.host, running, 'core show version')
  return /^Asterisk \S+/.exec(said ?? '')?.[0] ?? 'Asterisk'
}

/** True if a running Asterisk lacks our dialplan in this version: after an upgrade, or after an earlier removal. */
async function hasOldDialplan(machine: Machine): Promise<boolean> {
  const running = runningAsterisk(machine)
  const shown = running && (await askConsole(machine.host, running, 'dialplan show consentry-version'))
  return shown !== undefined && !shown.includes(`'${dialplanVersion()}'`)
}
