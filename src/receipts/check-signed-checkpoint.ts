import { type Checkpoint, parseCheckpoint } from '../log/notes/checkpoint.js'
import {
  COSIGNATURE,
  parseNote,
  parseVerifier,
  signatureLine,
  verifierKey,
  verifies,
} from '../log/notes/note.js'
import { leafHash, toHash } from '../log/tree/hash.js'
import { rootFromInclusion } from '../log/tree/proof.js'
import type { CheckpointFault, DocumentKeys } from './document-keys.js'
import { type Leaf, parseLeaf } from './leaf.js'
import type { SignedCheckpoint } from './signed-checkpoint.js'

/** A witness's signature on the checkpoint. */
export interface Cosignature {
  name: string
  /** Time of the cosignature, ISO 8601. */
  at: string
  /** Whether the witness's key is among the trusted keys. */
  known: boolean
}

/**
 * Verifies a signed checkpoint: the key of the log that is in force at its size and all named witnesses have signed it, and the note
 * has no other content.
 *
 * @param keys the keys of the document's log
 * @returns the checkpoint, or what is wrong
 */
export function checkSignedCheckpoint(
  { checkpoint: note, witnesses }: Pick<SignedCheckpoint, 'checkpoint' | 'witnesses'>,
  { chain, refusal }: DocumentKeys,
): Checkpoint | CheckpointFault {
  const unsigned = (what: string): CheckpointFault => ({ kind: 'unsigned', what, where: 'checkpoint' })
  const notInForce = (what: string): CheckpointFault => ({
    kind: 'key-not-in-force',
    what,
    where: 'checkpoint',
  })
  const parsed = parseNote(note)
  const checkpoint = parsed && parseCheckpoint(parsed.text)
  if (!parsed || !checkpoint) return unsigned('it is not a signed checkpoint')
  const log = chain.inForce(checkpoint.size)
  if (checkpoint.origin !== log.name)
    return unsigned(`it belongs to the log ${checkpoint.origin}, but the key belongs to ${log.name}`)
  if (!verifies(parsed, log))
    return chain.hasSigned(note)
      ? notInForce('the key that has signed it does not sign checkpoints of this size')
      : unsigned(`the signature of ${log.name} is not valid`)
  const refused = refusal(log, checkpoint.size)
  if (refused !== undefined) return notInForce(refused)
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

/**
 * Verifies the document's own checkpoint. The newest key must have signed it, so that a reader who trusts only that key
 * need not trust the earlier ones.
 */
export function checkOwnCheckpoint(
  signed: Pick<SignedCheckpoint, 'checkpoint' | 'witnesses'>,
  keys: DocumentKeys,
): Checkpoint | CheckpointFault {
  const checked = checkSignedCheckpoint(signed, keys)
  if ('kind' in checked || keys.chain.inForce(checked.size) === keys.chain.newest) return checked
  const what = 'a key before the newest has signed it'
  return { kind: 'key-not-in-force', what, where: 'checkpoint' }
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
