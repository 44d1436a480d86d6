import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../process/project.js'

/** Path of the file that the dialplan of a PBX includes. */
export const dialplanFile = (): string => join(projectRoot(), 'asterisk', 'consentry.conf')

/** The version that a text of consentry.conf states of itself; undefined if it is older than versions. */
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
