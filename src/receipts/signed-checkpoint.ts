import { AppError } from '../core/errors.js'
import {
  COSIGNATURE,
  type NoteSignature,
  parseNote,
  parseVerifier,
  type Verifier,
  verifies,
} from '../log/notes/note.js'

/** A checkpoint in a receipt or extract, with the keys that signed it. */
export interface SignedCheckpoint {
  /** Signed note (C2SP tlog-checkpoint) with the cosignatures of the witnesses below. */
  checkpoint: string
  /** C2SP verifier key of the log. */
  key: string
  /** C2SP verifier keys of the witnesses, in the order of their cosignatures. */
  witnesses: string[]
}

/**
 * Reduces a checkpoint to the valid signatures of the log and of known witnesses. Any other signature could be changed
 * undetected.
 *
 * @param known verifier keys of the wanted witnesses; those that have not cosigned are left out
 * @throws AppError `config.invalid` if the checkpoint has a cosignature by an unknown key, because the receipt would
 *   lose it
 */
export function selectSignatures(
  { key, checkpoint }: { key: string; checkpoint: string },
  known: readonly string[],
): SignedCheckpoint {
  const note = parseNote(checkpoint)!
  const good = (text: string) => {
    const verifier = parseVerifier(text)
    return verifier && verifies(note, verifier) ? verifier : undefined
  }
  const witnesses = known.filter(good)
  const verifiers = [key, ...known].map(parseVerifier)
  const stranger = note.signatures.find(
    ({ name, id }) => !verifiers.some(verifier => verifier?.name === name && verifier.id === id),
  )
  if (stranger)
    throw new AppError(
      'config.invalid',
      `The checkpoint is cosigned by ${stranger.name}, whose key is not known here, and the document would lose that. Set CONSENTRY_WITNESS_KEY to its key.`,
    )
  const lines = [key, ...witnesses].map(text => earliestOf(note.signatures, good(text)!).line)
  return { checkpoint: `${note.text}\n${lines.map(line => `${line}\n`).join('')}`, key, witnesses }
}

/**
 * A verifier's signature. A repeated request may have given a checkpoint two signatures of one witness; the earliest
 * time counts. A cosignature begins with its time.
 */
function earliestOf(signatures: readonly NoteSignature[], { name, id, type }: Verifier): NoteSignature {
  const own = signatures.filter(signature => signature.name === name && signature.id === id)
  return type === COSIGNATURE ? own.toSorted((a, b) => a.bytes.compare(b.bytes))[0]! : own[0]!
}
