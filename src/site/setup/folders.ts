import { words } from '../../core/words.js'
import type { Change, StepPlan } from './change.js'
import { type Machine, readFile, SERVICE_USER, serviceAccount } from './machine.js'
import { writeFile } from './text-file.js'

/** Where the package describes user and folders. */
const PACKAGED = { user: '/usr/lib/sysusers.d/consentry.conf', folders: '/usr/lib/tmpfiles.d/consentry.conf' }
/** Our file, which replaces the packaged one (tmpfiles.d(5)). */
export const OWN_FOLDERS = '/etc/tmpfiles.d/consentry.conf'

/** A name or id of a group. Asterisk's user may have written it, so that it must not be more than one word. */
const IS_GROUP = /^[\w.-]+\$?$/

/** The first line of the file. */
export const FOLDERS_HEAD = '# Consentry. The group of the tap folder is that of Asterisk.'

/**
 * The folders of an installation. Asterisk passes through the data folder to the prompts, and through the tap folder to
 * its pipes.
 */
const foldersFor = (group: string): string => `${FOLDERS_HEAD}
d /etc/consentry           0750 root      ${SERVICE_USER}
d /var/lib/consentry       0711 ${SERVICE_USER} ${SERVICE_USER}
d /var/lib/consentry-keys  0700 ${SERVICE_USER} ${SERVICE_USER}
d /run/consentry           0711 ${SERVICE_USER} ${SERVICE_USER}
d /run/consentry/tap       2750 ${SERVICE_USER} ${group}
`

/**
 * Plans user and folders: those of the package, unless Asterisk has another group.
 *
 * @param group of Asterisk; undefined if unknown
 */
export function planFolders(machine: Machine, group: string | undefined): StepPlan {
  const account = serviceAccount(machine)
  const described = readFile(machine, OWN_FOLDERS) ?? readFile(machine, PACKAGED.folders) ?? ''
  const present = /^d\s+\/run\/consentry\/tap\s+\S+\s+\S+\s+(\S+)/m.exec(described)?.[1]
  const wanted = [group, present].find(one => one !== undefined && IS_GROUP.test(one)) ?? 'asterisk'
  const files =
    present === wanted ? [] : writeFile(machine, OWN_FOLDERS, { after: foldersFor(wanted), mode: 0o644 })
  const makeFolders: Change[] =
    files.length > 0 || !account
      ? [{ do: 'run', command: ['systemd-tmpfiles', '--create', 'consentry.conf'], why: MAKES_FOLDERS }]
      : []
  return {
    title: words('User and folders', 'Пользователь и папки'),
    found: [
      account
        ? words(`The service's user is ${SERVICE_USER}.`, `Пользователь службы: ${SERVICE_USER}.`)
        : words(`There is no user ${SERVICE_USER} yet.`, `Пользователя ${SERVICE_USER} ещё нет.`),
      words(`The group of the tap folder is ${wanted}.`, `Группа папки звука: ${wanted}.`),
    ],
    changes: [...(account ? [] : [makeUser(machine)]), ...files, ...makeFolders],
    todo: [],
  }
}

const makeUser = (machine: Machine): Change => ({
  do: 'run',
  command:
    readFile(machine, PACKAGED.user) === undefined
      ? [
          'useradd',
          '--system',
          '--home-dir',
          '/var/lib/consentry',
          '--shell',
          '/usr/sbin/nologin',
          SERVICE_USER,
        ]
      : ['systemd-sysusers', 'consentry.conf'],
  why: words('Makes the user of the service.', 'Создаёт пользователя службы.'),
})

const MAKES_FOLDERS = words('Makes the folders.', 'Создаёт папки.')
