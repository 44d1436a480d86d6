import { existsSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { dialplanFile, entryText } from '../../asterisk/dialplan-version.js'
import { type AsteriskConfig, folderOf, readAsteriskConfig } from '../../lib/host/asterisk-config.js'
import type { FileChange } from './change.js'
import { type Machine, ownerOf, placeOf, readFile } from './machine.js'
import { withLine, writeFile } from './text-file.js'

/** Other users may not read passwords. */
export const MODE = 0o640

/** One of Asterisk's files, with all that it includes. */
export interface AsteriskFile {
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
  // If the named folder does not exist below the root, the files are those of another machine.
  return existsSync(placeOf(machine, folder)) ? folder : usual
}

/** Reads a file of Asterisk with its includes. @throws AppError `tool.failed` if it cannot be read */
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

/** Our own file beside one of Asterisk's, absolute on the machine. */
export const ownFile = (machine: Machine, name: string): string =>
  join(asteriskFolder(machine), `consentry-${name === 'asterisk.conf' ? 'options.conf' : name}`)

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
  { name, path, config }: AsteriskFile,
  line: string,
): FileChange[] {
  const custom = CUSTOM[name]
  const through = custom && config.includes.includes(custom) ? join(asteriskFolder(machine), custom) : path
  const after = withLine(readFile(machine, through) ?? '', line)
  return writeFile(machine, through, { after, mode: MODE, owner: ownerOf(machine, path) })
}

/** Lists a file of Asterisk and the existing files that it includes, absolute on the machine. */
export function filesOf(machine: Machine, { path, config }: AsteriskFile): string[] {
  const folder = asteriskFolder(machine)
  const included = config.includes.map(one => (isAbsolute(one) ? one : join(folder, one)))
  return [...new Set([path, ...included])].filter(one => readFile(machine, one) !== undefined)
}

/** The target of a line's `#include` or `#tryinclude`; undefined for other lines. */
export const includedBy = (line: string): string | undefined =>
  /^\s*#\s*(?:try)?include\s+["<]?([^\s">;]+)/i.exec(line)?.[1]

/** Removes the includes of a file from one of Asterisk's and from all that it includes. */
export function withoutInclude(machine: Machine, file: AsteriskFile, included: string): FileChange[] {
  return filesOf(machine, file)
    .filter(path => path !== included)
    .flatMap(path => {
      const lines = (readFile(machine, path) ?? '').split('\n')
      const after = lines.filter(line => ![included, basename(included)].includes(includedBy(line) ?? ''))
      return writeFile(machine, path, { after: after.join('\n'), mode: MODE })
    })
}

/** The file that the dialplan includes, absolute on the machine. It stays when the program is removed. */
export const entryFile = (machine: Machine): string =>
  join(asteriskFolder(machine), 'consentry-extensions.conf')

/** The dialplan includes the entry, which only tries our dialplan. An include of our dialplan itself is replaced, wherever it stands. */
export function planDialplan(machine: Machine): FileChange[] {
  const file = asteriskFile(machine, 'extensions.conf')
  const entry = entryFile(machine)
  const line = `#include ${entry}`
  const written = writeFile(machine, entry, { after: entryText(), mode: MODE, like: file.path })
  const replaced = filesOf(machine, file)
    .filter(path => path !== entry)
    .flatMap(path => {
      const after = (readFile(machine, path) ?? '').split('\n').map(one => (isDirect(one) ? line : one))
      return writeFile(machine, path, { after: after.join('\n'), mode: MODE })
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
