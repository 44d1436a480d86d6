import { z } from 'zod'
import { type Checkpoint, checkpointOf } from '../log/notes/checkpoint.js'
import type { KeyChain } from '../log/notes/key-chain.js'
import { keyText } from '../log/notes/rotation.js'
import type { EarlierCheckpoint } from '../log/prove.js'
import { toHash } from '../log/tree/hash.js'
import { isConsistent } from '../log/tree/proof.js'
import { checkSignedCheckpoint } from './check-signed-checkpoint.js'
import type { CheckpointFault, DocumentKeys } from './document-keys.js'
import { canonicalText, witnessesShape } from './shapes.js'
import { selectSignatures } from './signed-checkpoint.js'

/** A checkpoint of the receipt's log before the one under which its events are proven. */
export interface LinkedCheckpoint {
  /** Signed note with the cosignatures of the witnesses below. */
  checkpoint: string
  /** Verifier keys of the witnesses, in the order of their cosignatures. */
  witnesses: string[]
  /** Consistency proof (RFC 6962, 2.1.2) to the receipt's own checkpoint: hashes in base64. */
  proof: string[]
}

/** The two checkpoints between which the events up to the decision entered the log. */
export interface Entered {
  /** The last checkpoint before the first event. Null if none exists. */
  before: LinkedCheckpoint | null
  /** The first checkpoint that covers the decision. */
  covering: LinkedCheckpoint
}

const linkedShape = z.strictObject({
  checkpoint: z.string(),
  witnesses: witnessesShape,
  proof: z.array(canonicalText('base64', length => length === 32)).max(64),
})

/** The form of `entered`. Its content is checked by `checkEntered`. */
export const enteredShape = z.strictObject({ before: linkedShape.nullable(), covering: linkedShape })

/**
 * @param keys of the log
 * @param known verifier keys of the witnesses whose cosignatures are included
 */
export function enteredOf(
  { before, covering }: { before: EarlierCheckpoint | null; covering: EarlierCheckpoint },
  keys: KeyChain,
  known: readonly string[],
): Entered {
  const linked = ({ checkpoint, proof }: EarlierCheckpoint): LinkedCheckpoint => {
    const key = keyText(keys.inForce(checkpointOf(checkpoint)!.size))
    const { checkpoint: note, witnesses } = selectSignatures({ key, checkpoint }, known)
    return { checkpoint: note, witnesses, proof }
  }
  return { before: before && linked(before), covering: linked(covering) }
}

/** `entered` with its members in the order of the format. */
export const orderEntered = ({ before, covering }: Entered): Entered => ({
  before: before && orderLinked(before),
  covering: orderLinked(covering),
})

const orderLinked = ({ checkpoint, witnesses, proof }: LinkedCheckpoint): LinkedCheckpoint => ({
  checkpoint,
  witnesses,
  proof,
})

/**
 * Verifies that the log of the receipt's checkpoint extends both checkpoints, and that the events lie between them.
 *
 * @param head the receipt's checkpoint
 * @param first index of the first event
 * @param decided index of the event that decided the call
 * @param keys the keys of the log
 */
export function checkEntered(
  { before, covering }: Entered,
  { head, first, decided }: { head: Checkpoint; first: number; decided: number },
  keys: DocumentKeys,
): CheckpointFault[] {
  const check = (linked: LinkedCheckpoint, name: string, lies: (size: number) => boolean, must: string) => {
    const where = `entered.${name}`
    const checked = checkSignedCheckpoint(linked, keys)
    if ('kind' in checked) return [{ ...checked, where: `${where}.${checked.where}` }]
    const unproven = (what: string): CheckpointFault[] => [{ kind: 'unsigned', what, where }]
    const { size, root } = checked
    if (!lies(size)) return unproven(`this checkpoint ${must}`)
    const proof = linked.proof.map(hash => toHash(Buffer.from(hash, 'base64')))
    return isConsistent(size, root, head.size, head.root, proof)
      ? []
      : unproven("the log of the receipt's checkpoint is not proven to extend this one")
  }
  return [
    ...(before ? check(before, 'before', size => size <= first, 'already covers the first event') : []),
    ...check(covering, 'covering', size => size > decided, 'does not cover the decision'),
  ]
}
