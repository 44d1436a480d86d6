import sodium from 'libsodium-wrappers'
import { AppError } from '../../shared/errors.js'
import { hasSecretHalf, isPublicOnly, SWAPPED } from '../../shared/key-halves.js'
import { Secret } from '../../shared/secret.js'
import './ready.js'
import type { Identity, Recipient } from './types.js'

/** A recipient as it is written in JSON. Binary values are base64. */
export interface RecipientJson {
  purpose: string
  keyId: string
  publicKey: string
}

/** An identity as it is written in JSON. It opens every recording of its purpose. */
export interface IdentityJson extends RecipientJson {
  secretKey: string
  /** When a rotation created the identity, ISO 8601. Identities from `keygen` have no date. */
  since?: string
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Creates a key pair for a purpose. The key id is the purpose and the first 8 hex digits of the public key. */
export function generateIdentity(purpose: string): { recipient: RecipientJson; identity: IdentityJson } {
  const pair = sodium.crypto_box_keypair()
  const keyId = `${purpose}-${Buffer.from(pair.publicKey).toString('hex', 0, 4)}`
  const recipient = { purpose, keyId, publicKey: base64(pair.publicKey) }
  return { recipient, identity: { ...recipient, secretKey: base64(pair.privateKey) } }
}

/**
 * Reads the JSON of `CONSENTRY_RECIPIENTS`: an array of recipients.
 *
 * @throws AppError `config.invalid`, naming the entry and the field
 */
export function parseRecipients(json: string): Recipient[] {
  const list = entries(json, 'recipients')
  if (hasSecretHalf(list)) throw new AppError('config.invalid', `recipients: ${SWAPPED.identity}`)
  return list.map((entry, i) => recipientOf(entry, `recipients[${i}]`))
}

/**
 * Reads the JSON of `CONSENTRY_IDENTITY`: an array of identities.
 *
 * @throws AppError `config.invalid`, naming the entry and the field
 */
export function parseIdentities(json: string): Identity[] {
  const list = entries(json, 'identities')
  if (isPublicOnly(list)) throw new AppError('config.invalid', `identities: ${SWAPPED.recipients}`)
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
