import { AppError } from '../../core/errors.js'
import type { IdentityJson, RecipientJson } from '../crypto/keygen.js'

/** Content of the two key files that `keygen` writes. */
export interface KeyPairs {
  recipients: RecipientJson[]
  identities: IdentityJson[]
}

/** The state of the rotation of one purpose. */
export interface RotationPlan {
  /** The identity for which all keys shall be sealed. Undefined if it has not been created yet. */
  current: IdentityJson | undefined
  /** Identities for which no key shall be sealed any more. */
  retired: IdentityJson[]
}

/**
 * Whether both are halves of the same key pair for the same purpose. One key pair may serve several purposes, and in a file that was
 * written by hand also with one id.
 */
export const sameKey = (a: RecipientJson, b: RecipientJson) =>
  a.purpose === b.purpose && a.publicKey === b.publicKey

/**
 * Determines the state of a rotation from the two files alone, so that an interrupted rotation can continue. A rotation is
 * under way while an identity exists that is not a recipient. That identity is either new and not a recipient yet, or old and
 * still needed. The rotation seals keys for the newest identity.
 *
 * @throws AppError `key.missing` if there is no identity of the purpose; `config.invalid` if no identity is a recipient
 */
export function planRotation(purpose: string, { recipients, identities }: KeyPairs): RotationPlan {
  const own = identities.filter(identity => identity.purpose === purpose)
  if (own.length === 0)
    throw new AppError(
      'key.missing',
      `There is no identity of purpose "${purpose}", so its keys cannot be sealed for another: name the file that has it.`,
    )
  const known = own.filter(identity => recipients.some(recipient => sameKey(recipient, identity)))
  if (known.length === 0)
    throw new AppError(
      'config.invalid',
      `No identity of purpose "${purpose}" is one of the recipients: the two files do not belong together.`,
    )
  if (known.length === own.length) return { current: undefined, retired: own }
  const current = [...own].sort(newestFirst(known))[0]!
  return { current, retired: own.filter(identity => identity !== current) }
}

/** Sorts by date, newest first. With equal or no dates, an identity that is a recipient comes first. */
const newestFirst =
  (known: readonly IdentityJson[]) =>
  (a: IdentityJson, b: IdentityJson): number => {
    const [first = '', second = ''] = [a.since, b.since]
    if (first !== second) return first > second ? -1 : 1
    return Number(known.includes(b)) - Number(known.includes(a))
  }

/** Replaces the retired recipients by `current`. Recipients whose identity is not in the identity file stay. */
export function nextRecipients(
  recipients: readonly RecipientJson[],
  { current, retired }: { current: IdentityJson; retired: readonly IdentityJson[] },
): RecipientJson[] {
  const { purpose, keyId, publicKey } = current
  const isReplaced = (recipient: RecipientJson) =>
    [current, ...retired].some(identity => sameKey(identity, recipient))
  const at = recipients.findIndex(isReplaced)
  return [
    ...recipients.slice(0, at),
    { purpose, keyId, publicKey },
    ...recipients.slice(at).filter(recipient => !isReplaced(recipient)),
  ]
}
