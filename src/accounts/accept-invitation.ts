import type { Role } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { UserId } from '../core/ids.js'
import { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import type { PeopleDeps } from './account-deps.js'
import { lockUser } from './lock-user.js'
import { checkPassphrase, type HashCost, hashPassphrase } from './passphrases.js'
import { replaceRecoveryCodes } from './recovery-codes.js'
import { newTotpSecret, stepOfCode, totpUri } from './second-factor.js'
import { hashOfSecret } from './secrets.js'
import { enter, type SignedIn, type SignInRequest } from './sign-in.js'

/** The first page of an invitation. */
export interface BegunAcceptance {
  name: string
  roles: Role[]
  /** The new second factor: as an address for a QR code (`otpauth:`), and as text to type (base32). */
  uri: Secret
  totp: Secret
  /** True if the second factor may be left out. */
  optional: boolean
  expiresAt: Date
}

/** A link that is still valid. */
interface FoundInvitation {
  hash: Buffer
  user_id: UserId
  name: string
  roles: Role[]
  totp: Buffer | null
  expires_at: Date
}

/**
 * Begins to accept an invitation: draws the secret of a second factor. Each call draws a new secret, and the last one
 * counts.
 *
 * @param link the secret of the link
 * @throws AppError `sign-in.refused` if the link is unknown, used or too old
 */
export async function beginAcceptance(deps: PeopleDeps, link: Secret): Promise<BegunAcceptance> {
  const { db, clock, config } = deps
  const found = await findInvitation(db, link, clock.now())
  const totp = newTotpSecret()
  const sealed = (await consoleKey(config.data)).seal(totp.reveal(), found.user_id)
  const kept = await db
    .updateTable('user_invitation')
    .set({ totp: sealed })
    .where('hash', '=', found.hash)
    .returning('user_id')
    .executeTakeFirst()
  if (!kept) throw invalidLink()
  const { name, roles, expires_at: expiresAt } = found
  const uri = new Secret(totpUri(totp.reveal(), name))
  return { name, roles, uri, totp, optional: config.secondFactor === 'optional', expiresAt }
}

/** The choices of an invited user. */
export interface Acceptance {
  link: Secret
  passphrase: Secret
  /** A code of the second factor that `beginAcceptance` drew. Undefined: the user wants no second factor. */
  code?: Secret | undefined
  /** The secret that the page showed (base32), if known. */
  shown?: Secret | undefined
  /** The browser to sign in. Undefined: no session is opened. */
  enters?: Entering | undefined
}

/** The browser to sign in: its address, and its present session, which ends. */
export type Entering = Pick<SignInRequest, 'address' | 'replaces'>

/** The result of an acceptance. `signedIn` is set if `enters` was given. */
export interface Accepted {
  name: string
  /** They are not stored in plain text. Empty without a second factor. */
  recoveryCodes: Secret<string[]>
  signedIn: SignedIn | undefined
}

/**
 * Accepts an invitation: stores the passphrase and the second factor, and uses up the link.
 *
 * @param cost of the passphrase's hash; requests use the default
 * @throws AppError `sign-in.refused` for the link; `request.conflict` if the link was opened again after `shown`;
 *   `request.invalid` for the passphrase or the code; `sign-in.busy`; `journal.refused`; the errors of the database
 */
export async function completeAcceptance(
  deps: PeopleDeps,
  { link, passphrase, code, shown, enters }: Acceptance,
  cost?: HashCost,
): Promise<Accepted> {
  const { db, clock, config } = deps
  const at = clock.now()
  const found = await findInvitation(db, link, at)
  const key = await consoleKey(config.data)
  if (shown && found.totp && key.open(found.totp, found.user_id) !== shown.reveal()) throw openedAgain()
  checkPassphrase(passphrase.reveal(), found.name)
  const step =
    found.totp && code ? stepOfCode(key.open(found.totp, found.user_id), code.reveal(), at) : undefined
  if (step === undefined && (code !== undefined || config.secondFactor !== 'optional'))
    throw new AppError(
      'request.invalid',
      'The code is not that of the second factor: scan the QR code, check the time of the phone, and type the code that is shown now.',
    )
  const phc = await hashPassphrase(passphrase.reveal(), cost)
  return db.transaction().execute(async trx => {
    await lockUser(trx, found.user_id)
    // The request that deletes the row has used the link. A concurrent request finds no row.
    const used = await trx
      .deleteFrom('user_invitation')
      .where('hash', '=', found.hash)
      .where('expires_at', '>', new Date(at))
      .returning('totp')
      .executeTakeFirst()
    if (!used || !sameBytes(used.totp, found.totp)) throw invalidLink()
    const user = found.user_id
    const credential = {
      ...{ user_id: user, passphrase: phc, set_at: new Date(at) },
      ...{ totp: step === undefined ? null : found.totp, totp_step: step ?? null },
    }
    await trx.deleteFrom('user_credential').where('user_id', '=', user).execute()
    await trx.insertInto('user_credential').values(credential).execute()
    const codes = step === undefined ? [] : await replaceRecoveryCodes(trx, user)
    const data = { user, name: found.name, secondFactor: step !== undefined }
    await appendIn(trx, [event('user.accepted', null, at, data)])
    const proved = { with: step === undefined ? ('none' as const) : ('code' as const) }
    const signedIn = enters && (await enter(trx, found, { ...enters, at, proved }))
    return { name: found.name, recoveryCodes: new Secret(codes), signedIn }
  })
}

/** Finds a link that is still valid. @throws AppError `sign-in.refused` */
export async function findInvitation(db: Db, link: Secret, at: number): Promise<FoundInvitation> {
  const hash = hashOfSecret(link.reveal())
  const found =
    hash &&
    (await db
      .selectFrom('user_invitation as i')
      .innerJoin('user as u', 'u.id', 'i.user_id')
      .select(['i.hash', 'i.user_id', 'u.name', 'u.roles', 'i.totp', 'i.expires_at'])
      .where('i.hash', '=', hash)
      .where('i.expires_at', '>', new Date(at))
      .where('u.disabled_at', 'is', null)
      .executeTakeFirst())
  if (!found) throw invalidLink()
  return found
}

const sameBytes = (one: Buffer | null, other: Buffer | null): boolean =>
  one === other || (one !== null && other !== null && one.equals(other))

// The last drawn secret counts. So a stranger who opened the link earlier does not know the owner's second factor.
const openedAgain = () =>
  new AppError(
    'request.conflict',
    'The link was opened again since: its second factor is another one now. Open the link again and scan the new code. If it was not you, tell your administrator.',
  )

export const invalidLink = (): AppError =>
  new AppError(
    'sign-in.refused',
    'This link is not valid: it was used, replaced, or is older than 7 days. Ask an administrator for a new one.',
  )
