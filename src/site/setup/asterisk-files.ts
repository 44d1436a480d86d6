import { words } from '../../core/words.js'
import { type AsteriskConfig, isTrue, settingIn, settingsOf } from '../../lib/host/asterisk-config.js'
import { HTTP_SESSIONS, OPEN_FILES, OPTIONS_OFF, WRITE_TIMEOUT_MS } from '../../lib/host/asterisk-needs.js'
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
  const running = runningAsterisk(machine)
  const ari = planFile(machine, 'ari.conf', ariNeeds, user)
  const changes = [
    ...ari,
    ...planFile(machine, 'http.conf', httpNeeds, user),
    ...planFile(machine, 'asterisk.conf', config => optionNeeds(config, running?.realTime === true), user),
    ...planDialplan(machine),
  ]
  const names = [...changes.map(({ path }) => path), ...(dialplanIsOld ? ['extensions.conf'] : [])]
  const needsRestart = names.includes(ownFile(machine, 'asterisk.conf'))
  return {
    title: words('Files of Asterisk', 'Файлы Asterisk'),
    found: [words(`They are in ${asteriskFolder(machine)}.`, `Лежат в ${asteriskFolder(machine)}.`)],
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
  [
    { name: 'ari.conf', order: 'module reload res_ari.so' },
    { name: 'http.conf', order: 'module reload http' },
    { name: 'extensions', order: 'dialplan reload' },
  ]
    .filter(({ name }) => paths.some(path => path.includes(name.replace('.conf', ''))))
    .map(({ order }) => ({ do: 'run' as const, command: ['asterisk', '-rx', order], why: RELOAD }))

/** A section with its missing settings. */
interface Need {
  section: string
  settings: Record<string, string>
}

type Needs = (config: AsteriskConfig, user: AriUser) => Need[]

const ariNeeds: Needs = (config, user) => {
  const general = {
    ...(isTrue(settingIn(config, 'general', 'enabled')) ? {} : { enabled: 'yes' }),
    ...(Number(settingIn(config, 'general', 'websocket_write_timeout') ?? 100) < WRITE_TIMEOUT_MS
      ? { websocket_write_timeout: String(WRITE_TIMEOUT_MS) }
      : {}),
  }
  const known = settingsOf(config, user.name).length > 0
  return [
    { section: 'general', settings: general },
    ...(known
      ? []
      : [
          {
            section: user.name,
            settings: { type: 'user', read_only: 'no', password: user.password, password_format: 'plain' },
          },
        ]),
  ]
}

const httpNeeds: Needs = config => [
  {
    section: 'general',
    settings: {
      ...(isTrue(settingIn(config, 'general', 'enabled')) ? {} : { enabled: 'yes' }),
      ...(settingIn(config, 'general', 'bindaddr') === undefined ? { bindaddr: '127.0.0.1' } : {}),
      ...(Number(settingIn(config, 'general', 'sessionlimit') ?? 100) < HTTP_SESSIONS.least
        ? { sessionlimit: String(HTTP_SESSIONS.wanted), session_keep_alive: '60000' }
        : {}),
    },
  },
]

const optionNeeds = (config: AsteriskConfig, hasPriority: boolean): Need[] => {
  const on = OPTIONS_OFF.filter(key => isTrue(settingIn(config, 'options', key)))
  return [
    {
      section: 'options',
      settings: {
        ...(Number(settingIn(config, 'options', 'maxfiles') ?? 0) < OPEN_FILES.least
          ? { maxfiles: String(OPEN_FILES.wanted) }
          : {}),
        ...(hasPriority || isTrue(settingIn(config, 'options', 'highpriority'))
          ? {}
          : { highpriority: 'yes' }),
        ...Object.fromEntries(on.map(key => [key, 'no'])),
      },
    },
  ]
}

function planFile(machine: Machine, name: string, needs: Needs, user: AriUser): FileChange[] {
  const file = asteriskFile(machine, name)
  const wanted = needs(file.config, user).filter(({ settings }) => Object.keys(settings).length > 0)
  if (wanted.length === 0) return []
  const path = ownFile(machine, name)
  const before = readFile(machine, path) ?? HEAD
  const after = `${before}${wanted.map(need => textOf(need, file.config)).join('')}`
  return [
    ...writeFile(machine, path, { after, mode: MODE, like: file.path, secrets: [user.password] }),
    ...includeIn(machine, file, `#include ${path}`),
  ]
}

function textOf({ section, settings }: Need, { sections }: AsteriskConfig): string {
  const adds = sections.some(({ name, template }) => name === section && !template) ? '(+)' : ''
  const rows = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`)
  return `\n[${section}]${adds}\n${rows.join('')}`
}
