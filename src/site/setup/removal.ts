import { type Words, words } from '../../core/words.js'
import type { Leader } from '../../lib/host/guarded-path.js'
import {
  asteriskFile,
  asteriskFolder,
  entryFile,
  HEAD,
  isIncluded,
  ownFile,
  planDialplan,
  withoutInclude,
} from './asterisk-file.js'
import { RESTART_ASTERISK, reloads } from './asterisk-files.js'
import { DROP_IN, DROP_IN_HEAD, RELOAD_UNITS } from './asterisk-unit.js'
import type { CommandChange, FileChange, RemoveChange, StepPlan } from './change.js'
import { FOLDERS_HEAD, OWN_FOLDERS } from './folders.js'
import { withoutExemption } from './freepbx-chown.js'
import { type Machine, readFile, SERVICE_USER, seenFile, serviceAccount } from './machine.js'
import { OWNER_FILE, readSettings } from './settings.js'
import { installedUnits } from './units.js'

/** A thing that stays, and the command that removes it. */
export interface Kept {
  what: Words
  command: string
}

/**
 * Plans the removal of an installation: it undoes what setup did to the machine. The dialplan's entry stays, because
 * lines of the dialplan name it. Recordings, keys, database, settings and their user stay too, because they are removed
 * separately.
 *
 * @throws AppError `tool.failed` if a file cannot be read
 */
export function planRemoval(machine: Machine): { steps: StepPlan[]; kept: Kept[] } {
  const files = planAsterisk(machine)
  const unit = removeOwn(machine, DROP_IN, DROP_IN_HEAD)
  const units = installedUnits(machine)
  // The service releases waiting calls, for which it needs the ARI user. So it ends first.
  const stop = units.toReversed()
  const restart = unit.length > 0 || files.some(({ path }) => path === ownFile(machine, 'asterisk.conf'))
  const steps: StepPlan[] = [
    {
      title: words('Units', 'Юниты'),
      found: [],
      changes:
        units.length > 0 && machine.isLive ? [runs(['systemctl', 'disable', '--now', ...stop], STOPS)] : [],
      todo: [],
    },
    {
      title: words('Files of Asterisk', 'Файлы Asterisk'),
      found: [],
      changes: [...files, ...reloads(files.map(({ path }) => path))],
      todo: restart ? [RESTART_ASTERISK] : [],
    },
    {
      title: words('Asterisk', 'Asterisk'),
      found: [],
      changes: unit.length > 0 ? [...unit, runs(['systemctl', 'daemon-reload'], RELOAD_UNITS)] : [],
      todo: [],
    },
    {
      title: words('Folders', 'Папки'),
      found: [],
      changes: removeOwn(machine, OWN_FOLDERS, FOLDERS_HEAD),
      todo: [],
    },
  ]
  return { steps, kept: keptOf(machine) }
}

const runs = (command: readonly string[], why: Words): CommandChange => ({ do: 'run', command, why })

const STOPS = words(
  'Ends the service. Calls continue, unrecorded from now on.',
  'Останавливает службу. Звонки продолжаются, дальше без записи.',
)

function planAsterisk(machine: Machine): (FileChange | RemoveChange)[] {
  const { leader } = asteriskFolder(machine)
  return [
    ...['ari.conf', 'http.conf', 'asterisk.conf'].flatMap(name => {
      const path = ownFile(machine, name)
      const own = removeOwn(machine, path, HEAD, leader)
      return own.length === 0 ? [] : [...withoutInclude(machine, asteriskFile(machine, name), path), ...own]
    }),
    ...withoutExemption(machine),
    ...(isIncluded(machine) ? planDialplan(machine) : []),
  ]
}

/** Removes a file that setup has written, recognised by its first line. */
function removeOwn(machine: Machine, path: string, head: string, leader?: Leader): RemoveChange[] {
  const seen = seenFile(machine, path, leader)
  if (!seen?.text.startsWith(head.trimEnd())) return []
  const { text: before, mark } = seen
  const secrets = [...before.matchAll(/^\s*password\s*=>?\s*(\S+)/gm)].map(([, password]) => password!)
  return [{ do: 'remove', path, before, mark, leader, secrets }]
}

function keptOf(machine: Machine): Kept[] {
  const has = (path: string) => readFile(machine, path) !== undefined
  const entry = entryFile(machine)
  return [
    ...(isIncluded(machine)
      ? [
          {
            what: words(
              'The entry of the dialplan: with it, calls that come to a Gosub of Consentry pass. Once no line of the dialplan names consentry or consentry-outbound:',
              'Вход диалплана: с ним звонки, дошедшие до Gosub на Consentry, проходят дальше. Когда в диалплане не останется строк с consentry и consentry-outbound:',
            ),
            command: `sed -i '\\|#include ${entry}|d' ${asteriskFile(machine, 'extensions.conf').path} && rm ${entry}`,
          },
        ]
      : []),
    ...(has('/etc/consentry/consentry.env')
      ? [{ what: words('Settings and passwords:', 'Настройки и пароли:'), command: 'rm -r /etc/consentry' }]
      : []),
    ...databaseOf(machine),
    ...(serviceAccount(machine)
      ? [
          {
            what: words(
              'Recordings, journal and keys, and the user who owns them. Once nothing of them must be kept, wherever CONSENTRY_DATA, CONSENTRY_STORE and CONSENTRY_KEYSTORE had them:',
              'Записи, журнал, ключи и пользователь, которому они принадлежат. Когда хранить больше ничего не нужно, там, где их держали CONSENTRY_DATA, CONSENTRY_STORE и CONSENTRY_KEYSTORE:',
            ),
            command: `rm -r /var/lib/consentry /var/lib/consentry-keys && userdel ${SERVICE_USER}`,
          },
        ]
      : []),
  ]
}

/** Role, address and name in the URL of a database. */
const DATABASE = /^postgres(?:ql)?:\/\/([^:@/]+)[^@]*@([^/]+)\/([^?]+)/

/** Database and roles of the settings. */
function databaseOf(machine: Machine): Kept[] {
  const settings = readSettings(machine)
  const urls = [settings['DATABASE_URL'], settings['DATABASE_CONSOLE_URL'], readFile(machine, OWNER_FILE)]
  const parts = urls.flatMap(url =>
    [DATABASE.exec(url?.trim() ?? '') ?? []].filter(found => found.length > 0),
  )
  const [, , address, database] = parts[0] ?? []
  if (database === undefined) return []
  const asSuperuser = (command: string) => `runuser -u postgres -- ${command}`
  const roles = [...new Set(parts.map(([, role]) => `dropuser ${role}`))]
  return [
    {
      what: words(`The database at ${address}, with its roles:`, `База данных на ${address} и её роли:`),
      command: [`dropdb ${database}`, ...roles].map(asSuperuser).join(' && '),
    },
  ]
}
