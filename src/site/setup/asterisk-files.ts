import { words } from '../../core/words.js'
import { type AsteriskConfig, settingIn, settingsOf } from '../../lib/host/asterisk-config.js'
import { missingSettings, RELOADS, type SettingsFile } from '../facts/asterisk-settings.js'
import {
  asteriskFile,
  asteriskFolder,
  HEAD,
  includeIn,
  MODE,
  ownFile,
  planDialplan,
} from './asterisk-file.js'
import type { FileChange, StepPlan } from './change.js'
import { planClosedPassword } from './freepbx-chown.js'
import { type Machine, readFile, runningAsterisk } from './machine.js'
import { writeFile } from './text-file.js'

/** The ARI user of the service, and its settings in `ari.conf`. */
export interface AriUser {
  name: string
  password: string
}

/** The password of the ARI user as the files have it; undefined if they do not have the user. */
export const knownAriPassword = (machine: Machine, user: string): string | undefined =>
  settingIn(asteriskFile(machine, 'ari.conf').config, user, 'password')

/** Where ARI listens, by `http.conf`. */
export const ariPort = (machine: Machine): number =>
  Number(settingIn(asteriskFile(machine, 'http.conf').config, 'general', 'bindport') ?? 8088)

/**
 * Plans the changes of Asterisk's files: the ARI user, HTTP, options and the dialplan. Existing settings stay. Missing
 * ones go into files of our own, which the others include, so that no section begins twice.
 *
 * @param dialplanIsOld true if a running Asterisk has another version of our dialplan than this program, or none
 * @throws AppError `tool.failed` if a file cannot be read
 */
export function planAsteriskFiles(machine: Machine, user: AriUser, dialplanIsOld = false): StepPlan {
  const { path: folder } = asteriskFolder(machine)
  const running = runningAsterisk(machine)
  const done = running?.realTime === true ? ['highpriority'] : []
  const ari = planFile(machine, 'ari.conf', user, config => [
    missingSettings('ari.conf', config),
    ...userSection(config, user),
  ])
  const changes = [
    ...ari,
    ...planFile(machine, 'http.conf', user),
    ...planFile(machine, 'asterisk.conf', user, config => [missingSettings('asterisk.conf', config, done)]),
    ...planDialplan(machine),
  ]
  const names = [...changes.map(({ path }) => path), ...(dialplanIsOld ? ['extensions.conf'] : [])]
  const needsRestart = names.includes(ownFile(machine, 'asterisk.conf'))
  return {
    title: words('Files of Asterisk', 'Файлы Asterisk'),
    found: [words(`They are in ${folder}.`, `Лежат в ${folder}.`)],
    changes: [...changes, ...planClosedPassword(machine, ari.length > 0), ...reloads(names)],
    todo: needsRestart ? [RESTART_ASTERISK] : [],
  }
}

/** Tasks for a person after a change of the unit or `asterisk.conf`. */
export const RESTART_ASTERISK = words(
  'Restart Asterisk when it has no calls: systemctl restart asterisk',
  'Когда звонков нет, перезапустите Asterisk: systemctl restart asterisk',
)

const RELOAD = words('Asterisk reads its files again.', 'Asterisk перечитывает файлы.')

/** Commands with which a running Asterisk reads the changes. */
export const reloads = (paths: readonly string[]) =>
  Object.entries(RELOADS)
    .filter(([name]) => paths.some(path => path.includes(name.replace('.conf', ''))))
    .map(([, order]) => ({ do: 'console' as const, order, why: RELOAD }))

/** A section with its missing settings. */
type Need = ReturnType<typeof missingSettings>

/** The section of the ARI user, unless the files have it. */
const userSection = (config: AsteriskConfig, { name, password }: AriUser): Need[] =>
  settingsOf(config, name).length > 0
    ? []
    : [{ section: name, settings: { type: 'user', read_only: 'no', password, password_format: 'plain' } }]

function planFile(
  machine: Machine,
  name: SettingsFile,
  { password }: AriUser,
  needs: (config: AsteriskConfig) => Need[] = config => [missingSettings(name, config)],
): FileChange[] {
  const file = asteriskFile(machine, name)
  const wanted = needs(file.config).filter(({ settings }) => Object.keys(settings).length > 0)
  if (wanted.length === 0) return []
  const path = ownFile(machine, name)
  const { leader } = asteriskFolder(machine)
  const before = readFile(machine, path, leader) ?? HEAD
  const after = `${before}${wanted.map(need => textOf(need, file.config)).join('')}`
  return [
    ...writeFile(machine, path, { after, mode: MODE, leader, like: file.path, secrets: [password] }),
    ...includeIn(machine, file, `#include ${path}`),
  ]
}

function textOf({ section, settings }: Need, { sections }: AsteriskConfig): string {
  const adds = sections.some(({ name, template }) => name === section && !template) ? '(+)' : ''
  const rows = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`)
  return `\n[${section}]${adds}\n${rows.join('')}`
}
