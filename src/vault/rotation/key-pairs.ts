import { readFile } from 'node:fs/promises'
import { AppError } from '../../core/errors.js'
import { replaceFile, systemCode } from '../../lib/files/durable.js'
import {
  generateIdentity,
  type IdentityJson,
  parseIdentities,
  parseRecipients,
  type RecipientJson,
} from '../crypto/keygen.js'

/** Paths of the files of recipients and of identities. */
export interface KeyPairFiles {
  recipients: string
  identity: string
}

/**
 * Reads the recipients and the identities.
 *
 * @throws AppError `not-found` if a file cannot be read; `config.invalid` if its content is wrong
 */
export async function readKeyPairs(files: KeyPairFiles): Promise<KeyPairs> {
  const [recipients, identities] = await Promise.all([read(files.recipients), read(files.identity)])
  parseRecipients(recipients)
  parseIdentities(identities)
  return {
    recipients: JSON.parse(recipients) as RecipientJson[],
    identities: JSON.parse(identities) as IdentityJson[],
  }
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(error => {
    throw new AppError('not-found', `${path}: ${systemCode(error) ?? 'cannot be read'}`)
  })
}

/** A rotation whose new identity and new recipients are stored. */
export interface StartedRotation {
  current: IdentityJson
  retired: IdentityJson[]
  recipients: RecipientJson[]
  identities: IdentityJson[]
}

/**
 * Begins the rotation of a purpose, or continues an interrupted one. The new identity is stored before it becomes a recipient,
 * so that no key file is sealed for an identity that could be lost. The old identities stay until `removeRetired`.
 *
 * @param now ms since the epoch
 * @throws AppError as `readKeyPairs` and `planRotation`; `store.unwritable`
 */
export async function beginRotation(
  files: KeyPairFiles,
  purpose: string,
  now: number,
): Promise<StartedRotation> {
  const pairs = await readKeyPairs(files)
  const { current: existing, retired } = planRotation(purpose, pairs)
  const current = existing ?? { ...generateIdentity(purpose).identity, since: new Date(now).toISOString() }
  const identities = existing ? pairs.identities : [...pairs.identities, current]
  if (!existing) await replaceFile(files.identity, render(identities), true)
  const recipients = nextRecipients(pairs.recipients, { current, retired })
  if (render(recipients) !== render(pairs.recipients))
    await replaceFile(files.recipients, render(recipients), false)
  return { current, retired, recipients, identities }
}

/**
 * Removes the retired identities from the identity file and overwrites the old file. Call it when no key file is sealed for
 * them. The file is read again, so that an identity which it has got since `beginRotation` stays.
 *
 * @throws AppError as `readKeyPairs`; `store.unwritable`
 */
export async function removeRetired(
  files: KeyPairFiles,
  { retired }: Pick<StartedRotation, 'retired'>,
): Promise<void> {
  const { identities } = await readKeyPairs(files)
  const remaining = identities.filter(identity => !retired.some(old => sameKey(old, identity)))
  await replaceFile(files.identity, render(remaining), true)
}

const render = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`

/** Content of the two key files that `keygen` writes. */
interface KeyPairs {
  recipients: RecipientJson[]
  identities: IdentityJson[]
}

/** The state of the rotation of one purpose. */
interface RotationPlan {
  /** The identity for which all keys shall be sealed. Undefined if it has not been created yet. */
  current: IdentityJson | undefined
  /** Identities for which no key shall be sealed any more. */
  retired: IdentityJson[]
}

/**
 * Whether both are halves of the same key pair for the same purpose. One key pair may serve several purposes, and in a file that was
 * written by hand also with one id.
 */
const sameKey = (a: RecipientJson, b: RecipientJson) => a.purpose === b.purpose && a.publicKey === b.publicKey

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
