import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/**
 * A logger that writes JSON lines to standard error, so that standard output stays free for results.
 * Never pass it caller numbers, digits or words said; what is listed under `redact` is only a second net.
 *
 * @param level pino level, `info` by default
 */
export function createLog(level = 'info'): Log {
  const stderr = destination({ dest: 2, sync: true, maxLength: MAX_WAITING })
  // Where it cannot be written, on a full disk, lines wait, and what does not fit is lost: no call ends for its log.
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
    stderr,
  )
}

/** Characters of log lines that may wait in memory for a disk that takes none. */
const MAX_WAITING = 1_000_000
