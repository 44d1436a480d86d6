import { z } from 'zod'
import { KeyChain } from '../log/notes/key-chain.js'
import { parseVerifier, type Verifier } from '../log/notes/note.js'
import { keyText, parseRotation } from '../log/notes/rotation.js'
import { type Trust, TrustedLogKeys } from '../log/notes/trusted-keys.js'

/** Maximum number of rotations in a document. It suffices for one a week in nineteen years. */
const MAX_ROTATIONS = 1_000

/** The statements in a document. There are none if the key of its log was never rotated. */
export const rotationsShape = z.array(z.string()).max(MAX_ROTATIONS)

/** What is wrong with a document's keys or checkpoints. */
export interface CheckpointFault {
  kind: 'key-unknown' | 'key-not-in-force' | 'unsigned'
  what: string
  where: string
}

/** The keys of a document's log, one of which is trusted. */
export interface DocumentKeys {
  /** From the log's first key to that of the document's own checkpoint. */
  chain: KeyChain
  /**
   * Why the trusted statements forbid the key in force to sign a checkpoint of this size. Undefined if they permit it.
   */
  refusal(key: Verifier, size: number): string | undefined
}

/**
 * Decides whether a document's log is trusted. One of its keys must be trusted, and each statement from its first key
 * to the key of the document must be signed by the former and by the next key.
 *
 * @param key verifier key of the log that signed the document's own checkpoint
 * @param rotations the statements in the document, oldest first
 * @param trust the trust of the reader. A statement of the document must not contradict a trusted one.
 */
export function documentKeys(
  { key, rotations }: { key: string; rotations: readonly string[] },
  trust: Trust,
): DocumentKeys | CheckpointFault {
  const statements = rotations.map(parseRotation)
  const bad = statements.findIndex(rotation => !rotation)
  if (bad >= 0)
    return {
      kind: 'unsigned',
      what: 'both keys have not signed this statement',
      where: `rotations[${bad}]`,
    }
  const trusted = new TrustedLogKeys(trust)
  const unknown = {
    kind: 'key-unknown' as const,
    what: `it names ${key} as the log's key, which is not one of the trusted keys${hintAt(key, trust)}`,
    where: 'key',
  }
  const first = statements[0]?.from ?? (trusted.has(key) ? parseVerifier(key) : undefined)
  if (!first) return unknown
  const chain = KeyChain.from(first, rotations)
  if (chain.statements.join('\0') !== rotations.join('\0') || keyText(chain.newest) !== key)
    return {
      kind: 'unsigned',
      what: 'the statements do not lead from key to key, in order, to that of the document',
      where: 'rotations',
    }
  if (!chain.keys.some(one => trusted.has(keyText(one)))) return unknown
  const contradicted = chain.rotations.findIndex(rotation => trusted.contradicts(rotation))
  if (contradicted >= 0)
    return {
      kind: 'key-not-in-force',
      what: 'it contradicts the statement that was given with the key',
      where: `rotations[${contradicted}]`,
    }
  return {
    chain,
    refusal: (by, size) =>
      trusted.permits(by, size)
        ? undefined
        : `its key ${keyText(by)} was rotated, and does not sign this size`,
  }
}

/** A document from before a rotation names the former key. Trust in the new key does not extend to it. */
function hintAt(key: string, { rotations }: Trust): string {
  const after = rotations.map(parseRotation).find(one => one && keyText(one.from) === key)
  return after
    ? `. A given statement says that it signed until ${after.size} events: if you trust it, put it before the statements`
    : ''
}
