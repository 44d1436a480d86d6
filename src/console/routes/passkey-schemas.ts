import { z } from 'zod'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../../accounts/webauthn.js'

/** Bytes in base64url. A key of eight kilobytes is longer than any. */
const bytes = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]*$/, 'must be base64url')

const credential = {
  id: bytes.min(1),
  rawId: bytes.min(1),
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
}

/** A new passkey, as `navigator.credentials.create` gives it (WebAuthn level 3 section 5.1, RegistrationResponseJSON). */
export const registration = z
  .looseObject({
    ...credential,
    response: z.looseObject({
      clientDataJSON: bytes,
      attestationObject: bytes,
      transports: z.array(z.string().max(32)).max(8).optional(),
    }),
  })
  .describe('RegistrationResponseJSON of WebAuthn level 3')
  .transform(value => value as unknown as RegistrationResponseJSON)

/** A proof, as `navigator.credentials.get` gives it (AuthenticationResponseJSON). */
export const proof = z
  .looseObject({
    ...credential,
    response: z.looseObject({
      clientDataJSON: bytes,
      authenticatorData: bytes,
      signature: bytes,
      userHandle: bytes.optional(),
    }),
  })
  .describe('AuthenticationResponseJSON of WebAuthn level 3')
  .transform(value => value as unknown as AuthenticationResponseJSON)

/** The options with which a browser makes a passkey, and proves one. */
export const creation = z
  .looseObject({ challenge: z.string() })
  .describe('PublicKeyCredentialCreationOptionsJSON of WebAuthn level 3')
export const request = z
  .looseObject({ challenge: z.string() })
  .describe('PublicKeyCredentialRequestOptionsJSON of WebAuthn level 3')

/** Options as the schema of an answer takes them. */
export const optionsOf = (
  options: PublicKeyCredentialCreationOptionsJSON | PublicKeyCredentialRequestOptionsJSON,
): { challenge: string } => ({ ...options })
