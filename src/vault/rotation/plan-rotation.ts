import { AppError } from '../../shared/errors.js'
import type { IdentityJson, RecipientJson } from '../crypto/keygen.js'

/** The two key files of an operator, as `keygen` writes them. */
export interface KeyPairs {
  recipients: RecipientJson[]
  identities: IdentityJson[]
}

/** Where the rotation of one purpose stands. */
export interface RotationPlan {
  /** The identity that is to open everything; undefined if it has to be drawn yet. */
  current: IdentityJson | undefined
  /** Those that are to open nothing any more. */
  retired: IdentityJson[]
}

const samePublicKey = (a: RecipientJson, b: RecipientJson) => a.publicKey === b.publicKey

/**
 * Tells from the files alone how far the rotation of a purpose has come, so that one that was cut off goes on. A rotation
 * is under way while an identity is at hand that is no recipient: a new one not yet made known, or an old one not yet
 * needless. Its aim is the newest.
 *
 * @throws AppError `key.missing` if no identity of the purpose is at hand; `config.invalid` if none of them is a recipient
 */
export function planRotation(purpose: string, { recipients, identities }: KeyPairs): RotationPlan {
  const own = identities.filter(identity => identity.purpose === purpose)
  if (own.length === 0)
    throw new AppError(
      'key.missing',
      `There is no identity of purpose "${purpose}": its keys cannot be sealed anew.`,
    )
  const known = own.filter(identity => recipients.some(recipient => samePublicKey(recipient, identity)))
  if (known.length === 0)
    throw new AppError(
      'config.invalid',
      `No identity of purpose "${purpose}" is one of the recipients: the two files do not belong together.`,
    )
  if (known.length === own.length) return { current: undefined, retired: own }
  const current = [...own].sort(newestFirst(known))[0]!
  return { current, retired: own.filter(identity => identity !== current) }
}

/** By date; without one, a recipient comes before an identity that was left over. */
const newestFirst =
  (known: readonly IdentityJson[]) =>
  (a: IdentityJson, b: IdentityJson): number => {
    const [first = '', second = ''] = [a.since, b.since]
    if (first !== second) return first > second ? -1 : 1
    return Number(known.includes(b)) - Number(known.includes(a))
  }

/** The recipients once `current` has taken the place of the retired; those whose identity is elsewhere stay. */
export function nextRecipients(
  recipients: readonly RecipientJson[],
  { current, retired }: { current: IdentityJson; retired: readonly IdentityJson[] },
): RecipientJson[] {
  const { purpose, keyId, publicKey } = current
  const isReplaced = (recipient: RecipientJson) =>
    [current, ...retired].some(identity => samePublicKey(identity, recipient))
  const at = recipients.findIndex(isReplaced)
  return [
    ...recipients.slice(0, at),
    { purpose, keyId, publicKey },
    ...recipients.slice(at).filter(recipient => !isReplaced(recipient)),
  ]
}
