import { AppError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import type { Log } from '../lib/log.js'
import { LogFiles } from './log-files.js'
import { parseVerifier } from './notes/note.js'
import type { Witness } from './notes/witness-client.js'
import { startSequencer } from './sequencer.js'

/**
 * The transparency log is a Merkle tree over the journal, in the files of C2SP tlog-tiles. It proves that no event was changed,
 * removed or added later. This room extends the log (`sequencer.ts`), proves events (`prove.ts`) and verifies the journal
 * against the log (`verify/`). `tree/` has the tree's hashes and proofs, `notes/` the signed notes and witnesses.
 */

/** Configuration of the log. */
export interface LogSettings {
  /** The log's folder. */
  dir: string
  /** File of the signing key. */
  keyFile: string
  /** Name of a new log. */
  origin: string
  witness?: { url: string; key: string } | undefined
  /** The server that time-stamps checkpoints. */
  timestamps?: { url: string; everyMs?: number; retryMs?: number } | undefined
  /** As in `SequencerOptions`. */
  roundMs?: number | undefined
}

/**
 * Starts the sequencer, and gives access to the log's files and state.
 *
 * @param url database, with the service's role
 * @throws AppError `config.invalid` if the witness's key is not a verifier key
 */
export function startLog({ witness, ...place }: LogSettings, url: Secret | string, log: Log) {
  const sequencer = startSequencer({ ...place, url, witness: witness && parseWitness(witness), log })
  return {
    files: new LogFiles(place.dir),
    get state() {
      return sequencer.state
    },
    stop: () => sequencer.stop(),
  }
}

/** @throws AppError `config.invalid` */
export function parseWitness({ url, key, inside }: Pick<Witness, 'url' | 'key' | 'inside'>): Witness {
  const verifier = parseVerifier(key)
  if (verifier) return { url, verifier, key: key.trim(), inside }
  throw new AppError('config.invalid', 'CONSENTRY_WITNESS_KEY is not a verifier key of a witness')
}
