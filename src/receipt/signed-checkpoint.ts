import { parseNote, parseVerifier, verifies } from '../tlog/notes/note.js'

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
  const lines = [key, ...witnesses].map(text => {
    const { name, id } = good(text)!
    return note.signatures.find(signature => signature.name === name && signature.id === id)!.line
  })
  return { checkpoint: `${note.text}\n${lines.map(line => `${line}\n`).join('')}`, key, witnesses }
}
