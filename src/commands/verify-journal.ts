import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import type { Database } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { readText } from '../tlog/log-files.js'
import { KEY_FILE } from '../tlog/log-folder.js'
import { parseVerifier } from '../tlog/notes/note.js'
import { type LogVerdict, verifyLog } from '../tlog/verify/verify-log.js'
import { UsageError } from './command.js'

/** How long the witness may take to answer, ms. */
const WITNESS_MS = 10_000

/** What `verify` was given to hold the journal against, beyond what is on this machine. */
export interface Outside {
  /** At most one: the log's verifier key, or a file that holds it. */
  keys: string[]
  /** Copies of `checkpoints.txt`. */
  anchors: string[]
}

/**
 * Verifies the whole journal against its log, and against what the witness has seen of it if there is one.
 *
 * @throws AppError `not-found` where the witness does not answer: without it, not all was checked
 */
export async function verifyJournal(
  { log }: Config,
  db: Database,
  outside: Outside,
  progress: ((done: number, of: number) => void) | undefined,
): Promise<LogVerdict> {
  const [given] = outside.keys
  if (outside.keys.length > 1) throw new UsageError('the journal has one log, so give one --key')
  const key = (given && ((await readText(given)) ?? given)) ?? (await readText(join(log.dir, KEY_FILE)))
  if (key && !parseVerifier(key)) throw new UsageError('--key takes a verifier key, or a file that holds one')
  const note = log.witness && key && (await witnessed(log.witness.url, key.split('+')[0]!))
  return verifyLog({
    db,
    dir: log.dir,
    key: given && key,
    checkpointFiles: outside.anchors,
    witnessed: note ? [{ note, where: 'witness' }] : [],
    progress,
  })
}

async function witnessed(url: string, origin: string): Promise<string | undefined> {
  const hash = createHash('sha256').update(origin).digest('hex')
  try {
    const answer = await fetch(`${url}/${hash}/checkpoint`, { signal: AbortSignal.timeout(WITNESS_MS) })
    if (answer.status === 404) return undefined
    if (answer.ok) return await answer.text()
  } catch {
    // Told below: an error of the network says no more.
  }
  throw new AppError('not-found', `The witness at ${url} does not answer; without it not all can be checked.`)
}
