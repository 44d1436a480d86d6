import type { Leader } from '../../lib/host/guarded-path.js'
import type { FileChange } from './change.js'
import { type Machine, seenFile } from './machine.js'

/** How a file is written. */
interface Wanted {
  after: string
  mode: number
  owner?: { uid: number; gid: number } | undefined
  /** A file whose owner a new one gets. */
  like?: string
  /** Who named the path, if it was not root. */
  leader?: Leader
  secrets?: readonly string[]
}

/** The change that gives a file this content; empty if the file has it already. */
export function writeFile(machine: Machine, path: string, wanted: Wanted): FileChange[] {
  const { after, mode, like, leader, secrets = [] } = wanted
  const seen = seenFile(machine, path, leader)
  if (seen?.text === after) return []
  const owner = wanted.owner ?? (like === undefined ? undefined : seenFile(machine, like, leader))
  return [{ do: 'write', path, before: seen?.text, mark: seen?.mark, leader, after, mode, owner, secrets }]
}

/** A text with a line at its end; unchanged if it has that line. */
export function withLine(text: string, line: string): string {
  if (text.split('\n').some(one => one.trim() === line)) return text
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `${whole}${line}\n`
}

/** Lines that are shown before and after a change. */
const CONTEXT = 2

/**
 * The difference of two texts as one hunk of the unified format: what differs between their common beginning and end, with two lines
 * around. Setting up adds lines at one place of a file, so one hunk is enough.
 *
 * @returns lines that begin with a blank, `-` or `+`. None if the texts are the same
 */
export function diffLines(before: string, after: string): string[] {
  if (before === after) return []
  const [was, is] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < was.length && start < is.length && was[start] === is[start]) start++
  let end = 0
  while (end < was.length - start && end < is.length - start && was.at(-1 - end) === is.at(-1 - end)) end++
  const from = Math.max(0, start - CONTEXT)
  const kept = was.slice(from, start)
  const removed = was.slice(start, was.length - end)
  const added = is.slice(start, is.length - end)
  const behind = was.slice(was.length - end, was.length - end + CONTEXT)
  const head = `@@ -${from + 1},${kept.length + removed.length + behind.length} +${from + 1},${kept.length + added.length + behind.length} @@`
  return [
    head,
    ...kept.map(line => ` ${line}`),
    ...removed.map(line => `-${line}`),
    ...added.map(line => `+${line}`),
    ...behind.map(line => ` ${line}`),
  ]
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
