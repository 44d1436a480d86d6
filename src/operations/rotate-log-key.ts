import type { Actor } from '../shared/actor.js'
import { event } from '../shared/events.js'
import { keyText } from '../tlog/notes/rotation.js'
import { rotateLogKey } from '../tlog/rotate-key.js'
import type { DepsWith } from './deps.js'

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
