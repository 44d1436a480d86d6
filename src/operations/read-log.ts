import { AppError } from '../shared/errors.js'
import { folderKeys } from '../tlog/folder-keys.js'
import { LogFiles } from '../tlog/log-files.js'
import { checkpointOf } from '../tlog/notes/checkpoint.js'
import { keyText } from '../tlog/notes/rotation.js'
import type { DepsWith } from './deps.js'

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
