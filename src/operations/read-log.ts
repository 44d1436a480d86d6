import { join } from 'node:path'
import { AppError } from '../shared/errors.js'
import { LogFiles, readText } from '../tlog/log-files.js'
import { KEY_FILE } from '../tlog/log-folder.js'
import { checkpointOf } from '../tlog/notes/checkpoint.js'
import type { DepsWith } from './deps.js'

/** What everybody may know of a transparency log. */
export interface LogState {
  origin: string
  /** The verifier key. */
  key: string
  /** Number of events in the log. */
  size: number
  /** The last signed checkpoint. Null before the first. */
  checkpoint: string | null
}

/** The verifier key of the log on this machine. @returns undefined if there is no log */
export const ownLogKey = async ({ config }: DepsWith<never, 'log'>): Promise<string | undefined> =>
  (await readText(join(config.log.dir, KEY_FILE)))?.trim()

/** Reads the transparency log's public key and last checkpoint. @throws AppError `not-found` if there is no log */
export async function readLog(deps: DepsWith<never, 'log'>): Promise<LogState> {
  const { dir } = deps.config.log
  const key = await ownLogKey(deps)
  if (key === undefined)
    throw new AppError('not-found', `There is no log in ${dir}; consentry serve makes it.`)
  const checkpoint = await new LogFiles(dir).checkpoint()
  const size = checkpoint === undefined ? 0 : (checkpointOf(checkpoint)?.size ?? 0)
  return { origin: key.split('+')[0]!, key, size, checkpoint: checkpoint ?? null }
}
