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

/** A witness's signature on the checkpoint. */
export interface Cosignature {
  name: string
  /** Time of the cosignature, ISO 8601. */
  at: string
  /** Whether the witness's key is among the trusted keys. */
  known: boolean
}

/**
 * Verifies a signed checkpoint: its log has a trusted key, the log and all named witnesses have signed it, and the note has no
 * other content.
 *
 * @param keys trusted C2SP verifier keys
 * @returns the checkpoint, or what is wrong
 */
export function checkSignedCheckpoint(
  { checkpoint: note, key, witnesses }: SignedCheckpoint,
  keys: readonly string[],
): Checkpoint | CheckpointFault {
  const log = keys.includes(key) ? parseVerifier(key) : undefined
  if (log?.type !== ED25519) {
    const what = `it names ${key} as the log's key, which is not one of the trusted keys`
    return { kind: 'key-unknown', what, where: 'key' }
  }
  const unsigned = (what: string): CheckpointFault => ({ kind: 'unsigned', what, where: 'checkpoint' })
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || !checkpoint) return unsigned('it is not a signed checkpoint')
  if (checkpoint.origin !== log.name)
    return unsigned(`it belongs to the log ${checkpoint.origin}, but the key belongs to ${log.name}`)
  if (!verifies(parsed, log)) return unsigned(`the signature of ${log.name} is not valid`)
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
    return unsigned('its signature lines are not exactly those of the named keys')
  return checkpoint
}

/** Whether the audit path proves that the log contains this leaf at this index. */
export function isProven(
  { index, leaf, path }: { index: number; leaf: string; path: readonly string[] },
  { size, root }: Checkpoint,
): boolean {
  const hashes = path.map(hash => toHash(Buffer.from(hash, 'base64')))
  return rootFromInclusion(leafHash(leaf), index, size, hashes) === root
}

/** The message for a leaf without a valid proof. */
export const unprovenMessage = (name: string, index: number): string =>
  `the log does not contain this ${name} at index ${index}, or the path does not prove it`

export function tryParseLeaf(text: string): Leaf | undefined {
  try {
    return parseLeaf(text)
  } catch {
    return undefined
  }
}

/**
 * The cosignatures of a checkpoint that `checkSignedCheckpoint` has verified. A cosignature begins with its time in seconds
 * since the epoch (C2SP tlog-cosignature).
 *
 * @param keys trusted C2SP verifier keys
 */
export const cosignaturesOf = (
  { checkpoint, witnesses }: Pick<SignedCheckpoint, 'checkpoint' | 'witnesses'>,
  keys: readonly string[],
): Cosignature[] =>
  witnesses.map((key, i) => {
    const { name, bytes } = parseNote(checkpoint)!.signatures[i + 1]!
    const at = new Date(Number(bytes.readBigUInt64BE()) * 1_000).toISOString()
    return { name, at, known: keys.includes(key) }
  })
