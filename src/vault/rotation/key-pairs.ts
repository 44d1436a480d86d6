import { readFile } from 'node:fs/promises'
import { replaceFile, systemCode } from '../../files/durable.js'
import { AppError } from '../../shared/errors.js'
import {
  generateIdentity,
  type IdentityJson,
  parseIdentities,
  parseRecipients,
  type RecipientJson,
} from '../crypto/keygen.js'
import { type KeyPairs, nextRecipients, planRotation } from './plan-rotation.js'

/** Paths of an operator's key files. */
export interface KeyPairFiles {
  recipients: string
  identity: string
}

/**
 * Reads both key files.
 *
 * @throws AppError `not-found`, `config.invalid`
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

/** A rotation whose new identity and new recipients are on disk. */
export interface StartedRotation {
  current: IdentityJson
  retired: IdentityJson[]
  recipients: RecipientJson[]
  identities: IdentityJson[]
}

/**
 * Begins the rotation of a purpose, or takes up one that was begun. First the new identity is durable, then it is a
 * recipient: nothing is ever sealed for a key that could be lost. The old ones stay until `dropRetired`.
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
 * Takes the retired identities out of the identity file, and overwrites it where it stood: nothing is sealed for them any
 * more.
 *
 * @throws AppError `store.unwritable`
 */
export async function removeRetired(
  files: KeyPairFiles,
  { identities, retired }: StartedRotation,
): Promise<void> {
  const kept = identities.filter(({ keyId }) => !retired.some(old => old.keyId === keyId))
  await replaceFile(files.identity, render(kept), true)
}

const render = (content: unknown): string => `${JSON.stringify(content, null, 2)}\n`
