import { basename, dirname, join, relative } from 'node:path'
import { dialplanFile, entryText } from '../../asterisk/dialplan-version.js'
import {
  type AsteriskConfig,
  folderOf,
  noConfig,
  readAsteriskConfig,
} from '../../lib/host/asterisk-config.js'
import { type Leader, withHeld } from '../../lib/host/guarded-path.js'
import type { FileChange } from './change.js'
import { type Machine, placeOf, readFile, seenFile } from './machine.js'
import { withLine, writeFile } from './text-file.js'

/** Other users may not read passwords. */
export const MODE = 0o640

/** One of Asterisk's files, with all that it includes. */
export interface AsteriskFile {
  name: string
  /** Absolute on the machine. */
  path: string
  /** Who named the path, if it was not root. */
  leader: Leader
  config: AsteriskConfig
}

/** The folder of Asterisk's configuration, absolute on the machine. Who can change `asterisk.conf` has named it. */
export function asteriskFolder(machine: Machine): { path: string; leader: Leader } {
  const { asteriskConfig, host } = machine
  const usual = dirname(asteriskConfig)
  const main = exists(machine, asteriskConfig)
    ? readAsteriskConfig(placeOf(machine, asteriskConfig), { root: host.root, skipMissing: true })
    : noConfig()
  const { leader } = main
  const path = folderOf(main, 'astetcdir', usual)
  // If the named folder does not exist below the root, the files are those of another machine.
  return { path: exists(machine, path, leader) ? path : usual, leader }
}

const exists = ({ host }: Machine, path: string, leader?: Leader): boolean =>
  withHeld(host, path, leader, () => true) === true

/** Reads a file of Asterisk with its includes. @throws AppError `tool.failed` if it cannot be read; `file.refused` */
export function asteriskFile(machine: Machine, name: string): AsteriskFile {
  const isMain = name === 'asterisk.conf'
  const folder = asteriskFolder(machine)
  const leader = isMain ? undefined : folder.leader
  const path = isMain ? machine.asteriskConfig : join(folder.path, name)
  const { root } = machine.host
  const reading = { folder: placeOf(machine, folder.path), root, skipMissing: true, leader }
  const config = exists(machine, path, leader)
    ? readAsteriskConfig(placeOf(machine, path), reading)
    : noConfig()
  return { name, path, leader, config }
}

/** Our own file beside one of Asterisk's, absolute on the machine. */
export const ownFile = (machine: Machine, name: string): string =>
  join(asteriskFolder(machine).path, `consentry-${name === 'asterisk.conf' ? 'options.conf' : name}`)

/** The first lines of each of our own files. */
export const HEAD =
  '; Consentry: written by consentry setup. What stands here holds, because it is read last.\n'

/** Files of FreePBX for users' own lines. FreePBX overwrites its other files at each change. */
export const CUSTOM: Record<string, string> = {
  'ari.conf': 'ari_additional_custom.conf',
  'http.conf': 'http_custom.conf',
  'extensions.conf': 'extensions_custom.conf',
}

/** Lets a file of Asterisk include another one, unless it does already. */
export function includeIn(
  machine: Machine,
  { name, path, leader, config }: AsteriskFile,
  line: string,
): FileChange[] {
  const custom = CUSTOM[name]
  const through =
    custom && config.includes.includes(custom) ? join(asteriskFolder(machine).path, custom) : path
  const after = withLine(readFile(machine, through, leader) ?? '', line)
  return writeFile(machine, through, { after, mode: MODE, leader, owner: seenFile(machine, path, leader) })
}

/** Lists a file of Asterisk and the existing files that it includes, absolute on the machine. */
export function filesOf({ host }: Machine, { config }: AsteriskFile): { path: string; leader: Leader }[] {
  const files = config.files.map(({ path, leader }) => ({ path: `/${relative(host.root, path)}`, leader }))
  return [...new Map(files.map(one => [one.path, one])).values()]
}

/** The target of a line's `#include` or `#tryinclude`; undefined for other lines. */
export const includedBy = (line: string): string | undefined =>
  /^\s*#\s*(?:try)?include\s+["<]?([^\s">;]+)/i.exec(line)?.[1]

/** Removes the includes of a file from one of Asterisk's and from all that it includes. */
export function withoutInclude(machine: Machine, file: AsteriskFile, included: string): FileChange[] {
  return filesOf(machine, file)
    .filter(({ path }) => path !== included)
    .flatMap(({ path, leader }) => {
      const lines = (readFile(machine, path, leader) ?? '').split('\n')
      const after = lines.filter(line => ![included, basename(included)].includes(includedBy(line) ?? ''))
      return writeFile(machine, path, { after: after.join('\n'), mode: MODE, leader })
    })
}

/** The file that the dialplan includes, absolute on the machine. It stays when the program is removed. */
export const entryFile = (machine: Machine): string =>
  join(asteriskFolder(machine).path, 'consentry-extensions.conf')

/** The dialplan includes the entry, which only tries our dialplan. An include of our dialplan itself is replaced, wherever it stands. */
export function planDialplan(machine: Machine): FileChange[] {
  const file = asteriskFile(machine, 'extensions.conf')
  const entry = entryFile(machine)
  const line = `#include ${entry}`
  const written = writeFile(machine, entry, {
    ...{ after: entryText(), mode: MODE, like: file.path, leader: file.leader },
  })
  const replaced = filesOf(machine, file)
    .filter(({ path }) => path !== entry)
    .flatMap(({ path, leader }) => {
      const after = (readFile(machine, path, leader) ?? '')
        .split('\n')
        .map(one => (isDirect(one) ? line : one))
      return writeFile(machine, path, { after: after.join('\n'), mode: MODE, leader })
    })
  const included = replaced.length > 0 || file.config.includes.includes(entry)
  return [...written, ...replaced, ...(included ? [] : includeIn(machine, file, line))]
}

/** Whether the dialplan of this machine names anything of ours. */
export function isIncluded(machine: Machine): boolean {
  const { includes } = asteriskFile(machine, 'extensions.conf').config
  return includes.includes(entryFile(machine)) || includes.some(isOurs)
}

const isOurs = (path: string): boolean => path === dialplanFile() || /(^|\/)consentry\.conf$/.test(path)

const isDirect = (line: string): boolean => isOurs(includedBy(line) ?? '')
