import { randomBytes } from 'node:crypto'
import { parseSettings, USUAL_SETTINGS_FILE } from '../../config/settings-file.js'
import { words } from '../../core/words.js'
import { type AriUser, ariPort, knownAriPassword } from './asterisk-files.js'
import type { StepPlan } from './change.js'
import type { DatabasePlan } from './database.js'
import { type Machine, readFile, serviceAccount } from './machine.js'
import { writeFile } from './text-file.js'

/** The URL of the database's owner, for the unit of the migration alone. */
export const OWNER_FILE = '/etc/consentry/database-admin-url'

/** The settings of the machine, by name. */
export const readSettings = (machine: Machine): Record<string, string> =>
  parseSettings(readFile(machine, USUAL_SETTINGS_FILE) ?? '')

/** The ARI user of the installation: from the settings, else from Asterisk's files, else a new one. */
export function ariUserFor(machine: Machine, settings: Record<string, string>): AriUser {
  const name = settings['ARI_USERNAME'] || 'consentry'
  const password =
    settings['ARI_PASSWORD'] || knownAriPassword(machine, name) || randomBytes(24).toString('hex')
  return { name, password }
}

/** The parts that the settings need. */
export interface SettingsFor {
  user: AriUser
  database: DatabasePlan
  /** File of the public halves of keys; undefined if the console adds them. */
  recipients: string | undefined
}

/** Plans the files of settings. Existing settings stay. */
export function planSettings(machine: Machine, { user, database, recipients }: SettingsFor): StepPlan {
  const { urls } = database
  const group = serviceAccount(machine)?.gid
  const wanted = {
    ...(urls.service && { DATABASE_URL: urls.service }),
    ...(urls.console && { DATABASE_CONSOLE_URL: urls.console }),
    ARI_URL: `http://127.0.0.1:${ariPort(machine)}`,
    ARI_USERNAME: user.name,
    ARI_PASSWORD: user.password,
    CONSENTRY_DATA: '/var/lib/consentry',
    CONSENTRY_KEYSTORE: 'file:/var/lib/consentry-keys',
    ...(recipients && { CONSENTRY_RECIPIENTS: recipients }),
    CONSENTRY_TAP_DIR: '/run/consentry/tap',
  }
  const secrets = [user.password, ...Object.values(urls).flatMap(passwordOf)]
  const own = withSettings(machine, wanted)
  const changes = [
    ...writeFile(machine, USUAL_SETTINGS_FILE, {
      ...{ after: own, mode: 0o640, secrets },
      owner: group === undefined ? undefined : { uid: 0, gid: group },
    }),
    ...(urls.owner === undefined
      ? []
      : writeFile(machine, OWNER_FILE, {
          after: readFile(machine, OWNER_FILE) ?? `${urls.owner}\n`,
          ...{ mode: 0o600, owner: { uid: 0, gid: 0 }, secrets },
        })),
  ]
  return {
    title: words('Settings', 'Настройки'),
    found: [
      readFile(machine, USUAL_SETTINGS_FILE) === undefined
        ? words(`There is no ${USUAL_SETTINGS_FILE} yet.`, `Файла ${USUAL_SETTINGS_FILE} ещё нет.`)
        : words(
            `${USUAL_SETTINGS_FILE} is there; what it sets stays.`,
            `${USUAL_SETTINGS_FILE} есть; заданное в нём остаётся.`,
          ),
    ],
    changes,
    todo: [],
  }
}

const HEAD = '# The settings of the service: docs/configure.md explains each.\n'

const passwordOf = (url: string): string[] => /:([^:@/]+)@/.exec(url)?.slice(1) ?? []

/** The text of the settings' file with those that it does not set yet, at its end. A setting in a file of its own (`_FILE`) counts as set. */
function withSettings(machine: Machine, wanted: Record<string, string>): string {
  const before = readFile(machine, USUAL_SETTINGS_FILE) ?? HEAD
  const known = readSettings(machine)
  const missing = Object.entries(wanted).filter(([name]) => !(name in known) && !(`${name}_FILE` in known))
  const whole = before.endsWith('\n') ? before : `${before}\n`
  return missing.length === 0
    ? before
    : `${whole}${missing.map(([name, value]) => `${name}=${value}\n`).join('')}`
}
