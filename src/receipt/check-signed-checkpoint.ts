import { type Checkpoint, parseCheckpoint } from '../tlog/notes/checkpoint.js'
import {
  COSIGNATURE,
  ED25519,
  parseNote,
  parseVerifier,
  signatureLine,
  verifierKey,
  verifies,
} from '../tlog/notes/note.js'
import { leafHash, toHash } from '../tlog/tree/hash.js'
import { rootFromInclusion } from '../tlog/tree/proof.js'
import { type Leaf, parseLeaf } from './leaf.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'

export interface CheckpointFault {
  kind: 'key-unknown' | 'unsigned'
  what: string
  where: string
}

/** A witness's word that it saw the checkpoint. */
export interface Cosignature {
  name: string
  /** When it cosigned, ISO 8601. */
  at: string
  /** Its key is one of those that were given to verify with. */
  known: boolean
}

/**
 * Holds what a document says of its log against the keys that are trusted: the log is the one of such a key, its checkpoint
 * is signed, and nothing else stands there.
 *
 * @param keys C2SP verifier keys
 */
export function checkSignedCheckpoint(
  { checkpoint: note, key, witnesses }: SignedCheckpoint,
  keys: readonly string[],
): Checkpoint | CheckpointFault {
  const log = keys.includes(key) ? parseVerifier(key) : undefined
  if (log?.type !== ED25519) {
    const what = `it names ${key} as the log's key, which is not the key that was given`
    return { kind: 'key-unknown', what, where: 'key' }
  }
  const unsigned = (what: string): CheckpointFault => ({ kind: 'unsigned', what, where: 'checkpoint' })
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || !checkpoint) return unsigned('it is no signed checkpoint')
  if (checkpoint.origin !== log.name)
    return unsigned(`it is of the log ${checkpoint.origin}, the key is that of ${log.name}`)
  if (!verifies(parsed, log)) return unsigned(`the signature of ${log.name} is not good`)
  const cosigners = witnesses.map(parseVerifier)
  const [bad] = witnesses.filter((_, i) => {
    const verifier = cosigners[i]
    if (verifier?.type !== COSIGNATURE || !verifies(parsed, verifier)) return true
    return verifierKey(verifier.name, verifier.key, COSIGNATURE) !== witnesses[i]
  })
  if (bad !== undefined) return unsigned(`the witness ${bad} has not cosigned it`)
  const lines = parsed.signatures.map(({ name, id, bytes }) => signatureLine({ name, id }, bytes))
  const signers = [log, ...cosigners].map(signer => `${signer?.name} ${signer?.id}`)
  const signed = parsed.signatures.map(({ name, id }) => `${name} ${id}`)
  if (signers.join() !== signed.join() || `${parsed.text}\n${lines.join('')}` !== note)
    return unsigned('it has other signature lines than those of the keys named, or they are spelt otherwise')
  return checkpoint
}

/** Whether the log holds this leaf at this place. */
export function isProven(
  { index, leaf, path }: { index: number; leaf: string; path: readonly string[] },
  { size, root }: Checkpoint,
): boolean {
  const hashes = path.map(hash => toHash(Buffer.from(hash, 'base64')))
  return rootFromInclusion(leafHash(leaf), index, size, hashes) === root
}

/** What to say of one that is not. */
export const unprovenMessage = (name: string, index: number): string =>
  `the log does not hold this ${name} at place ${index}, or the path does not prove it`

export function tryParseLeaf(text: string): Leaf | undefined {
  try {
    return parseLeaf(text)
  } catch {
    return undefined
  }
}

/** Seconds since the epoch stand before a cosignature (C2SP tlog-cosignature). */
export const cosignaturesOf = (
  { checkpoint, witnesses }: SignedCheckpoint,
  keys: readonly string[],
): Cosignature[] =>
  witnesses.map((key, i) => {
    const { name, bytes } = parseNote(checkpoint)!.signatures[i + 1]!
    const at = new Date(Number(bytes.readBigUInt64BE()) * 1_000).toISOString()
    return { name, at, known: keys.includes(key) }
  })
