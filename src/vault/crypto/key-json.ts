/*
 * How both halves of a key pair are written in JSON. Browsers run this file too.
 */

/** A recipient as it is written in JSON. Binary values are base64. */
export interface RecipientJson {
  purpose: string
  keyId: string
  publicKey: string
}

/** An identity as it is written in JSON. It opens every recording of its purpose. */
export interface IdentityJson extends RecipientJson {
  secretKey: string
  /** When a rotation created the identity, ISO 8601. Identities from `keygen` and from the console have no date. */
  since?: string
}

/**
 * @param publicKey X25519, 32 bytes
 * @param keyId by default the purpose and the first 8 hex digits of the public key
 */
export const recipientJson = (
  purpose: string,
  publicKey: Uint8Array,
  keyId = `${purpose}-${hex(publicKey.subarray(0, 4))}`,
): RecipientJson => ({ purpose, keyId, publicKey: base64(publicKey) })

/** @param publicKey X25519, 32 bytes @param secretKey the same pair's secret half, 32 bytes */
export const identityJson = (
  purpose: string,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): IdentityJson => ({ ...recipientJson(purpose, publicKey), secretKey: base64(secretKey) })

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
