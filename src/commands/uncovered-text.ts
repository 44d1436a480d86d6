import pc from 'picocolors'
import type { Uncovered } from '../audit/faults.js'
import { table } from './table.js'

/** What no hash in the journal covers, for people; empty if there is nothing. */
export function uncoveredText(uncovered: readonly Uncovered[]): string {
  const over = uncovered.filter(({ running }) => !running)
  const running = uncovered.filter(one => one.running)
  const lines: string[] = []
  if (over.length > 0) {
    const rows = over.map(({ bytes, seconds, where }) => [String(bytes), String(seconds), where])
    lines.push(table(['bytes', 'about s', 'container'], rows))
    lines.push(
      pc.yellow(`Not covered by a hash in the journal: the end of ${over.length} containers.`),
      ' What is cut off or sealed anew there is not found.\n',
    )
  }
  if (running.length > 0) {
    const recordings = new Set(running.map(({ recording }) => recording)).size
    const seconds = running.reduce((sum, one) => sum + one.seconds, 0)
    lines.push(
      `${recordings} recordings have no end in the journal: of what came last, about ${seconds} s, it has no hash yet.\n`,
    )
  }
  return lines.join('')
}
