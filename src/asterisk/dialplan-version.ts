import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../lib/process/project.js'

/** Path of our dialplan, which the entry includes. */
export const dialplanFile = (): string => join(projectRoot(), 'asterisk', 'consentry.conf')

/** Path of the entry as it is shipped, for installations of the package. */
export const shippedEntry = (): string => join(projectRoot(), 'asterisk', 'entry.conf')

/**
 * Text of the file that a PBX's dialplan includes. The file remains when the program is removed.
 *
 * @param dialplan path of our dialplan as Asterisk sees it
 */
export const entryText = (dialplan = dialplanFile()): string =>
  readFileSync(shippedEntry(), 'utf8').replace(/^#tryinclude .*$/m, () => `#tryinclude ${dialplan}`)

/** The version that a text of consentry.conf states; undefined for another text. */
export const versionIn = (text: string): string | undefined =>
  /^\[consentry-version\]\nexten => ([0-9a-f]{12}),1,/m.exec(text)?.[1]

/** The version of the consentry.conf that belongs to this program; undefined if the program has none. */
export function dialplanVersion(): string | undefined {
  try {
    return versionIn(readFileSync(dialplanFile(), 'utf8'))
  } catch {
    return undefined
  }
}
