import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import type { Secret } from '../shared/secret.js'
import { LogFiles } from './log-files.js'
import { parseVerifier } from './notes/note.js'
import type { Witness } from './notes/witness-client.js'
import { startSequencer } from './sequencer.js'

/** Where the log is kept and who witnesses it, as it is configured. */
export interface LogSettings {
  dir: string
  keyFile: string
  origin: string
  witness?: { url: string; key: string } | undefined
  /** As `SequencerOptions` has it. */
  roundMs?: number | undefined
}

/**
 * Keeps the log over the journal.
 *
 * @param url connects as the service's role
 * @throws AppError `config.invalid` for a witness whose key is none
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
export function parseWitness({ url, key }: { url: string; key: string }): Witness {
  const verifier = parseVerifier(key)
  if (verifier) return { url, verifier }
  throw new AppError('config.invalid', 'CONSENTRY_WITNESS_KEY: this is no verifier key of a witness')
}
