import sodium from 'libsodium-wrappers'
import { AppError } from '../../core/errors.js'
import { hasSecretHalf, isPublicOnly, SWAPPED_FILE_MESSAGES } from '../../core/key-halves.js'
import { Secret } from '../../core/secret.js'
import { type IdentityJson, identityJson, type RecipientJson, recipientJson } from './key-json.js'
import './ready.js'
import type { Identity, Recipient } from './types.js'

export type { IdentityJson, RecipientJson } from './key-json.js'

/** Creates a key pair for a purpose. */
export function generateIdentity(purpose: string): { recipient: RecipientJson; identity: IdentityJson } {
  const pair = sodium.crypto_box_keypair()
  return {
    recipient: recipientJson(purpose, pair.publicKey),
    identity: identityJson(purpose, pair.publicKey, pair.privateKey),
  }
}

/** Makes the identities of a secret key in JSON, one for each purpose. @param secret X25519, 32 bytes */
export function identitiesOf(purposes: readonly string[], secret: Uint8Array): IdentityJson[] {
  const publicKey = sodium.crypto_scalarmult_base(secret)
  return purposes.map(purpose => identityJson(purpose, publicKey, secret))
}

/** True if keys can be sealed for a public key: a few points of the curve are invalid (RFC 7748 section 6.1). */
export function canSealFor(publicKey: Uint8Array): boolean {
  try {
    sodium.crypto_box_seal(new Uint8Array(1), publicKey)
    return true
  } catch {
    return false
  }
}

/**
 * Reads the JSON of `CONSENTRY_RECIPIENTS`: an array of recipients.
 *
 * @throws AppError `config.invalid`, naming the entry and the field
 */
export function parseRecipients(json: string): Recipient[] {
  const list = entries(json, 'recipients')
  if (hasSecretHalf(list))
    throw new AppError('config.invalid', `recipients: ${SWAPPED_FILE_MESSAGES.identity}`)
  return list.map((entry, i) => recipientOf(entry, `recipients[${i}]`))
}

/**
 * Reads the JSON of `CONSENTRY_IDENTITY`: an array of identities.
 *
 * @throws AppError `config.invalid`, naming the entry and the field
 */
export function parseIdentities(json: string): Identity[] {
  const list = entries(json, 'identities')
  if (isPublicOnly(list))
    throw new AppError('config.invalid', `identities: ${SWAPPED_FILE_MESSAGES.recipients}`)
  return list.map((entry, i) => {
    const where = `identities[${i}]`
    const recipient = recipientOf(entry, where)
    const secretKey = keyOf(entry['secretKey'], `${where}.secretKey`)
    if (!Buffer.from(sodium.crypto_scalarmult_base(secretKey)).equals(recipient.publicKey))
      throw new AppError('config.invalid', `${where}: secretKey and publicKey do not belong to the same pair`)
    return { ...recipient, secretKey: new Secret<Uint8Array>(secretKey) }
  })
}

function entries(json: string, what: string): Record<string, unknown>[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    throw new AppError('config.invalid', `${what}: not JSON`)
  }
  const objects = Array.isArray(parsed) && parsed.every(entry => typeof entry === 'object' && entry !== null)
  if (!objects) throw new AppError('config.invalid', `${what}: not an array of objects`)
  return parsed as Record<string, unknown>[]
}

function recipientOf(entry: Record<string, unknown>, where: string) {
  return {
    purpose: textOf(entry['purpose'], `${where}.purpose`),
    keyId: textOf(entry['keyId'], `${where}.keyId`),
    publicKey: keyOf(entry['publicKey'], `${where}.publicKey`),
  }
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new AppError('config.invalid', `${where}: missing`)
  return value
}

function keyOf(value: unknown, where: string): Buffer {
  const key = Buffer.from(textOf(value, where), 'base64')
  if (key.length !== 32) throw new AppError('config.invalid', `${where}: not 32 bytes in base64`)
  return key
}
