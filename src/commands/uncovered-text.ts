import pc from 'picocolors'
import { counted } from '../lib/plural.js'
import type { Uncovered } from '../recordings/audit/audit.js'
import { table } from './table.js'

/** Describes the ends of containers that no hash in the journal covers; empty if there are none. */
export function uncoveredText(uncovered: readonly Uncovered[]): string {
  const over = uncovered.filter(({ running }) => !running)
  const running = uncovered.filter(one => one.running)
  const lines: string[] = []
  if (over.length > 0) {
    const rows = over.map(({ bytes, seconds, where }) => [String(bytes), String(seconds), where])
    lines.push(table(['bytes', 'about s', 'container'], rows))
    lines.push(
      pc.yellow(
        `Not covered by a hash in the journal: the end of ${counted(over.length, 'container', 'containers')}.`,
      ),
      ' A cut or a forged record there would not be found.\n',
    )
  }
  if (running.length > 0) {
    const recordings = new Set(running.map(({ recording }) => recording)).size
    const seconds = running.reduce((sum, one) => sum + one.seconds, 0)
    lines.push(
      `${counted(recordings, 'recording has', 'recordings have')} no end in the journal: it has no hash yet of the last audio, about ${seconds} s.\n`,
    )
  }
  return lines.join('')
}
