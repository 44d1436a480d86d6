import type { FileChange } from './change.js'
import { type Machine, ownerOf, readFile } from './machine.js'

/** How a file is written. */
interface Wanted {
  after: string
  mode: number
  owner?: { uid: number; gid: number } | undefined
  /** A file whose owner a new one gets. */
  like?: string
  secrets?: readonly string[]
}

/** The change that gives a file this content; empty if the file has it already. */
export function writeFile(machine: Machine, path: string, wanted: Wanted): FileChange[] {
  const before = readFile(machine, path)
  const { after, mode, like, secrets = [] } = wanted
  if (before === after) return []
  const owner = wanted.owner ?? (like === undefined ? undefined : ownerOf(machine, like))
  return [{ do: 'write', path, before, after, mode, owner, secrets }]
}

/** A text with a line at its end; unchanged if it has that line. */
export function withLine(text: string, line: string): string {
  if (text.split('\n').some(one => one.trim() === line)) return text
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${whole}${line}\n`
}
