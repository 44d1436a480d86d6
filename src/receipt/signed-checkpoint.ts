import { parseNote, parseVerifier, verifies } from '../tlog/notes/note.js'

/** What a document says of the log that vouches for it. */
export interface SignedCheckpoint {
  /** Signed note (C2SP tlog-checkpoint) with the cosignatures of the witnesses below. */
  checkpoint: string
  /** C2SP verifier key of the log. */
  key: string
  /** C2SP verifier keys of the witnesses whose cosignatures are here. */
  witnesses: string[]
}

/**
 * The checkpoint with those signatures alone whose keys are named: any other could be changed unseen.
 *
 * @param known verifier keys of the witnesses whose cosignatures are wanted, as far as they have cosigned
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
