import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type AsteriskConfig,
  folderOf,
  isTrue,
  readAsteriskConfig,
  settingIn,
  settingsOf,
} from '../host/asterisk-config.js'
import { HTTP_SESSIONS, OPEN_FILES, OPTIONS_OFF, WRITE_TIMEOUT_MS } from '../host/asterisk-needs.js'
import { words } from '../shared/words.js'
import { dialplanFile } from '../telephony/dialplan-version.js'
import type { FileChange, StepPlan } from './change.js'
import { type Machine, ownerOf, placeOf, readFile, runningAsterisk } from './machine.js'
import { withLine, writeFile } from './text-file.js'

/** The ARI user of the service, and what `ari.conf` says of it. */
export interface AriUser {
  name: string
  password: string
}

/** Other users may not read passwords. */
const MODE = 0o640

/** One of Asterisk's files, with all that it includes. */
interface AsteriskFile {
  name: string
  /** Absolute on the machine. */
  path: string
  config: AsteriskConfig
}

/** The folder of Asterisk's configuration, absolute on the machine. */
export function asteriskFolder(machine: Machine): string {
  const { asteriskConfig } = machine
  const place = placeOf(machine, asteriskConfig)
  const usual = dirname(asteriskConfig)
  const folder = existsSync(place)
    ? folderOf(readAsteriskConfig(place, { root: machine.host.root, skipMissing: true }), 'astetcdir', usual)
    : usual
  // A folder that is not below the root stands in the files of another machine.
  return existsSync(placeOf(machine, folder)) ? folder : usual
}

/** A file of Asterisk as it is now. @throws AppError `tool.failed` if it cannot be read */
export function asteriskFile(machine: Machine, name: string): AsteriskFile {
  const folder = asteriskFolder(machine)
  const path = name === 'asterisk.conf' ? machine.asteriskConfig : join(folder, name)
  const config = existsSync(placeOf(machine, path))
    ? readAsteriskConfig(placeOf(machine, path), {
        ...{ folder: placeOf(machine, folder), root: machine.host.root, skipMissing: true },
      })
    : { sections: [], includes: [] }
  return { name, path, config }
}

/** The password of the ARI user as the files have it; undefined if they do not have the user. */
export const knownAriPassword = (machine: Machine, user: string): string | undefined =>
  settingIn(asteriskFile(machine, 'ari.conf').config, user, 'password')

/** Where ARI listens, by `http.conf`. */
export const ariPort = (machine: Machine): number =>
  Number(settingIn(asteriskFile(machine, 'http.conf').config, 'general', 'bindport') ?? 8088)

/**
 * Plans what Asterisk's files need: the ARI user, HTTP, options and the dialplan. What is set already stays. What is missing comes into files
 * of our own, which the others include, so that no section begins twice.
 *
 * @throws AppError `tool.failed` if a file cannot be read
 */
export function planAsteriskFiles(machine: Machine, user: AriUser): StepPlan {
  const running = runningAsterisk(machine)
  const changes = [
    ...planFile(machine, 'ari.conf', ariNeeds, user),
    ...planFile(machine, 'http.conf', httpNeeds, user),
    ...planFile(machine, 'asterisk.conf', config => optionNeeds(config, running?.realTime === true), user),
    ...planDialplan(machine),
  ]
  const names = changes.map(({ path }) => path)
  const needsRestart = names.includes(ownFile(machine, 'asterisk.conf'))
  return {
    title: words('Files of Asterisk', 'Файлы Asterisk'),
    found: [words(`They are in ${asteriskFolder(machine)}.`, `Лежат в ${asteriskFolder(machine)}.`)],
    changes: [...changes, ...reloads(names)],
    todo: needsRestart ? [RESTART_ASTERISK] : [],
  }
}

/** What is left to people once the unit or `asterisk.conf` has changed. */
export const RESTART_ASTERISK = words(
  'Restart Asterisk when it has no calls: systemctl restart asterisk',
  'Когда звонков нет, перезапустите Asterisk: systemctl restart asterisk',
)

const RELOAD = words('Asterisk reads its files again.', 'Asterisk перечитывает файлы.')

/** Commands that let a running Asterisk read what has changed. */
const reloads = (paths: readonly string[]) =>
  [
    { name: 'ari.conf', order: 'module reload res_ari.so' },
    { name: 'http.conf', order: 'module reload http' },
    { name: 'extensions', order: 'dialplan reload' },
  ]
    .filter(({ name }) => paths.some(path => path.includes(name.replace('.conf', ''))))
    .map(({ order }) => ({ do: 'run' as const, command: ['asterisk', '-rx', order], why: RELOAD }))

/** A section with settings that it lacks. */
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

/** Our own file beside one of Asterisk's, absolute on the machine. */
const ownFile = (machine: Machine, name: string): string =>
  join(asteriskFolder(machine), `consentry-${name === 'asterisk.conf' ? 'options.conf' : name}`)

const HEAD = '; Consentry: written by consentry setup. What stands here holds, because it is read last.\n'

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

/** Files of FreePBX for people's own lines. It writes the others anew at each change. */
const CUSTOM: Record<string, string> = {
  'ari.conf': 'ari_additional_custom.conf',
  'http.conf': 'http_custom.conf',
  'extensions.conf': 'extensions_custom.conf',
}

/** Lets a file of Asterisk include another one, where it does not yet. */
function includeIn(machine: Machine, { name, path, config }: AsteriskFile, line: string): FileChange[] {
  const custom = CUSTOM[name]
  const through = custom && config.includes.includes(custom) ? join(asteriskFolder(machine), custom) : path
  const after = withLine(readFile(machine, through) ?? '', line)
  return writeFile(machine, through, { after, mode: MODE, owner: ownerOf(machine, path) })
}

/** The dialplan includes the file of this program. One of another place is replaced. */
function planDialplan(machine: Machine): FileChange[] {
  const file = asteriskFile(machine, 'extensions.conf')
  const line = `#include ${dialplanFile()}`
  if (file.config.includes.includes(dialplanFile())) return []
  const other = file.config.includes.find(one => /(^|\/)consentry\.conf$/.test(one))
  if (other === undefined) return includeIn(machine, file, line)
  const before = readFile(machine, file.path) ?? ''
  const after = before.replace(new RegExp(`^#\\s*(try)?include.*${escaped(other)}.*$`, 'm'), line)
  return writeFile(machine, file.path, { after, mode: MODE })
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
