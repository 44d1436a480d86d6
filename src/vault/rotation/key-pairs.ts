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
import { type KeyPairs, nextRecipients, planRotation, sameKey } from './plan-rotation.js'

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
