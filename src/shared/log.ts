import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/**
 * A logger that writes JSON lines to standard error, so that standard output stays free for results.
 * Never pass it caller numbers, digits or words said; what is listed under `redact` is only a second net.
 *
 * @param level pino level, `info` by default
 */
export const createLog = (level = 'info'): Log =>
  pino(
    {
      name: 'consentry',
      level,
      redact: {
        paths: ['caller', 'number', 'digit', 'password', '*.caller', '*.number', '*.digit', '*.password'],
        censor: '[redacted]',
      },
    },
    destination({ dest: 2, sync: true }),
  )
