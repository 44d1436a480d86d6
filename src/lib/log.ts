import { fstatSync } from 'node:fs'
import { type DestinationStream, destination, type Logger, pino } from 'pino'

export type Log = Logger

/**
 * Makes a logger that writes JSON lines to standard error. Standard output is for results. Never log callers' numbers, keys or
 * spoken words; `redact` is only a second safeguard. If systemd's journal takes the lines, each begins with its priority, such as `<3>`
 * (sd-daemon(3)), so that `journalctl --priority` finds it.
 *
 * @param level pino level, `info` by default
 */
export function createLog(level = 'info'): Log {
  const stderr = destination({ dest: 2, sync: true, maxLength: MAX_WAITING })
  // On a full disk, lines wait in memory, and further ones are lost. A log that cannot be written must not end a call.
  stderr.on('error', () => {})
  return pino(
    {
      name: 'consentry',
      level,
      redact: {
        paths: ['caller', 'number', 'digit', 'password', '*.caller', '*.number', '*.digit', '*.password'],
        censor: '[redacted]',
      },
    },
    isJournal(STDERR) ? withPriorities(stderr) : stderr,
  )
}

const STDERR = 2

/** Prefix of an error line on standard error outside the log: its priority, if the journal takes standard error. */
export const errorMark = (): string => (isJournal(STDERR) ? `<${PRIORITY_OF_ERROR}>` : '')

/** Most characters of log lines that wait in memory for a full disk. */
const MAX_WAITING = 1_000_000

/** Whether systemd's journal reads this descriptor: then JOURNAL_STREAM has its device and inode (systemd.exec(5)). */
function isJournal(fd: number): boolean {
  const { dev, ino } = fstatSync(fd)
  return process.env['JOURNAL_STREAM'] === `${dev}:${ino}`
}

const PRIORITY_OF_ERROR = 3
/** Priorities of the journal by the least level of pino that has them. */
const PRIORITIES = [
  { from: 60, priority: 2 },
  { from: 50, priority: PRIORITY_OF_ERROR },
  { from: 40, priority: 4 },
  { from: 30, priority: 6 },
] as const
const DEBUG = 7

function withPriorities(stream: DestinationStream): DestinationStream {
  const prefixed = {
    // pino sets the level of each line at a stream that has this property, before it writes the line.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string): void {
      const { priority = DEBUG } = PRIORITIES.find(({ from }) => prefixed.lastLevel >= from) ?? {}
      stream.write(`<${priority}>${line}`)
    },
  }
  return prefixed
}
