import { Secret as OtpSecret, TOTP } from 'otpauth'
import { Secret } from '../core/secret.js'

/** RFC 6238 with what every authenticator app supports: SHA-1, six digits, steps of 30 s. */
const KIND = { issuer: 'Consentry', algorithm: 'SHA1', digits: 6, period: 30 } as const
/** Bytes of a secret: the length of the hash, as RFC 4226 section 4 recommends. */
const SECRET_BYTES = 20
/** Tolerated error of a clock in either direction, steps. */
const SKEW = 1
/** Length of a step, ms. */
const STEP_MS = KIND.period * 1000

/** Draws the secret of a second factor. @returns it in base32 (RFC 4648) */
export const newTotpSecret = (): Secret => new Secret(new OtpSecret({ size: SECRET_BYTES }).base32)

/** The address that a QR code holds for an authenticator app, with the secret. @param name of the user */
export const totpUri = (secret: string, name: string): string => totp(secret, name).toString()

/**
 * The time step to which a code belongs.
 *
 * @param at ms since the epoch
 * @returns undefined if it is the code of no step that is near enough
 */
export function stepOfCode(secret: string, code: string, at: number): number | undefined {
  const digits = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return undefined
  const delta = totp(secret).validate({ token: digits, timestamp: at, window: SKEW })
  return delta === null ? undefined : Math.floor(at / STEP_MS) + delta
}

/** The code of a moment. @param at ms since the epoch */
export const codeAt = (secret: string, at: number): string => totp(secret).generate({ timestamp: at })

const totp = (secret: string, label = 'user') =>
  new TOTP({ ...KIND, label, secret: OtpSecret.fromBase32(secret) })
