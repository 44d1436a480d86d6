import { join } from 'node:path'
import { dialplanFile, entryText } from '../../asterisk/dialplan-version.js'
import { asteriskFile, asteriskFolder, filesOf, includedBy, includeIn, MODE } from './asterisk-file.js'
import type { FileChange } from './change.js'
import { type Machine, readFile } from './machine.js'
import { writeFile } from './text-file.js'

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
