import { createHash } from 'node:crypto'
import type { DepsWith } from '../accounts/deps.js'
import { AppError } from '../core/errors.js'
import { type InsideHosts, requestOutgoing } from '../lib/process/outgoing.js'
import { pinnedKey } from './folder-keys.js'
import { readText } from './log-files.js'
import { parseVerifier } from './notes/note.js'
import { trustIn } from './notes/trusted-keys.js'
import { type LogVerdict, verifyLog } from './verify/verify-log.js'

/** How long the witness may take to answer, ms. */
const WITNESS_MS = 10_000
/** Most bytes of its answer, which is a checkpoint with signatures. */
const WITNESS_BYTES = 65_536

/** References for the comparison of the journal, besides the files on this machine. */
export interface Outside {
  /** At most one: a verifier key of the log, or a file that holds it and may have statements by which it was rotated. */
  keys: string[]
  /** Copies of `checkpoints.txt`. */
  checkpointFiles: string[]
}

/**
 * Verifies the whole journal against its log, and against the witness if there is one.
 *
 * @throws AppError `not-found` if the witness does not answer, because the comparison would be incomplete; `request.invalid` for a
 *   wrong key
 */
export async function verifyJournal(
  { db, config: { log } }: DepsWith<'db', 'log'>,
  outside: Outside,
  progress: (done: number, of: number) => void,
): Promise<LogVerdict> {
  const [given] = outside.keys
  if (outside.keys.length > 1)
    throw new AppError('request.invalid', 'the journal has one log, so give one --key')
  const named = given === undefined ? undefined : trustIn((await readText(given)) ?? given)
  const key = named ? (named.keys[0] ?? '') : await pinnedKey(log.dir)
  if (key !== undefined && !parseVerifier(key))
    throw new AppError('request.invalid', '--key takes a verifier key, or a file that holds one')
  const note = log.witness && key && (await witnessed(log.witness, key.split('+')[0]!))
  return verifyLog({
    db,
    dir: log.dir,
    key: named && key,
    rotations: named?.rotations ?? [],
    checkpointFiles: outside.checkpointFiles,
    witnessKeys: log.witness ? [log.witness.key] : [],
    witnessed: note ? [{ note, where: 'witness' }] : [],
    progress,
  })
}

async function witnessed(
  { url, inside }: { url: string; inside: InsideHosts },
  origin: string,
): Promise<string | undefined> {
  const hash = createHash('sha256').update(origin).digest('hex')
  try {
    const limits = { ms: WITNESS_MS, mostBytes: WITNESS_BYTES, inside }
    const { status, body } = await requestOutgoing(`${url}/${hash}/checkpoint`, limits)
    if (status === 404) return undefined
    if (status === 200) return body.toString()
  } catch {
    // The error below is thrown for errors of the network, too.
  }
  throw new AppError('not-found', `The witness at ${url} does not answer; without it not all can be checked.`)
}
