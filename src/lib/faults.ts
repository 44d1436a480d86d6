import { AppError } from '../core/errors.js'
import type { Log } from './log.js'

/** The log's description of an unexpected error. It has no text from the error. */
export interface Fault {
  /** The name of its class. */
  kind: string
  /** Its code, if it has one. */
  code?: string
  /** The place in our code where it arose, if its stack has one. */
  at?: string
}

const CODE = /^[\w.-]{1,60}$/
const PLACE = /(?:^|[/(])(src\/[\w./-]+:\d+:\d+)/

/** Describes an unexpected error. Its message is left out, because it may quote personal data. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { kind: typeof error }
  const { name, message, stack = '' } = error
  const { code } = error as { code?: unknown }
  const frames = stack.replace(message, '').split('\n')
  const own = frames.find(frame => PLACE.test(frame) && !frame.includes('node_modules'))
  const at = own && PLACE.exec(own)?.[1]
  return {
    kind: CODE.test(name) ? name : 'Error',
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    ...(at && { at }),
  }
}

/**
 * Logs an error that ends one piece of work only.
 *
 * @param text what could not be done
 * @param about further fields of the line
 */
export function logFault(log: Log, error: unknown, text: string, about: object = {}): void {
  log.error({ ...about, ...faultOf(error) }, text)
}

/**
 * Logs as `logFault`, but skips an `AppError`: its caller expects that the PBX or the database does not answer. Any
 * other error is a mistake in the program.
 */
export function logUnlessExpected(log: Log, error: unknown, text: string, about: object = {}): void {
  if (!(error instanceof AppError)) logFault(log, error, text, about)
}
