import type { DepsWith } from '../accounts/deps.js'
import { AppError } from '../core/errors.js'
import { folderKeys } from './folder-keys.js'
import { LogFiles } from './log-files.js'
import { checkpointOf } from './notes/checkpoint.js'
import { keyText } from './notes/rotation.js'

/** The public facts of a transparency log. */
export interface LogState {
  origin: string
  /** The newest verifier key. */
  key: string
  /** The statements by which the key was rotated, oldest first: signed notes. */
  rotations: string[]
  /** Number of events in the log. */
  size: number
  /** The last signed checkpoint. Null before the first. */
  checkpoint: string | null
}

/** Reads the transparency log's public keys and last checkpoint. @throws AppError `not-found` if there is no log */
export async function readLog(deps: DepsWith<never, 'log'>): Promise<LogState> {
  const { dir } = deps.config.log
  const keys = await folderKeys(dir)
  if (!keys) throw new AppError('not-found', `There is no log in ${dir}; consentry serve makes it.`)
  const checkpoint = await new LogFiles(dir).checkpoint()
  const size = checkpoint === undefined ? 0 : (checkpointOf(checkpoint)?.size ?? 0)
  return {
    origin: keys.origin,
    key: keyText(keys.newest),
    rotations: keys.statements,
    size,
    checkpoint: checkpoint ?? null,
  }
}
