import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/**
 * Makes a logger that writes JSON lines to standard error. Standard output is for results. Never log callers' numbers, keys or
 * spoken words; `redact` is only a second safeguard.
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
    stderr,
  )
}

/** Most characters of log lines that wait in memory for a full disk. */
const MAX_WAITING = 1_000_000
