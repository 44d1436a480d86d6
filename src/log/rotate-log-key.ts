import type { DepsWith } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { event } from '../core/events.js'
import { keyText } from './notes/rotation.js'
import { rotateLogKey } from './rotate-key.js'

/** A completed rotation of the log's key. */
export interface LogKeyRotation {
  /** Verifier keys. */
  from: string
  to: string
  /** `to` signs checkpoints of more leaves than this. */
  size: number
  /** The statement, signed by both keys. */
  statement: string
  /** True if an earlier run had begun it and was interrupted. */
  continued: boolean
}

/**
 * Rotates the key of the transparency log. Who did it is in the journal.
 *
 * @param keep file for a copy of the former key; without it that key is destroyed
 * @throws AppError as `rotateLogKey`
 */
export async function rotateKeyOfLog(
  { db, clock, config }: DepsWith<'db' | 'clock', 'log'>,
  { name: by, way }: Actor,
  keep: string | undefined,
): Promise<LogKeyRotation> {
  const { rotation, continued } = await rotateLogKey(db, {
    keyFile: config.log.keyFile,
    keep,
    eventOf: statement => event('log.key-rotated', null, clock.now(), { statement, by, way }),
  })
  const { from, to, size, note } = rotation
  return { from: keyText(from), to: keyText(to), size, statement: note, continued }
}
