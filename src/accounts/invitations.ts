import type { Config } from '../config/config.js'
import type { Actor, Role } from '../core/actor.js'
import { DAY_MS } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import { newUserId, type UserId } from '../core/ids.js'
import { text } from '../core/message.js'
import { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import { deedOf, type PeopleDeps } from './account-deps.js'
import { lockUser } from './lock-user.js'
import { checkPassphrase, type HashCost, hashPassphrase } from './passphrases.js'
import { requireProvenRight } from './proof.js'
import { replaceRecoveryCodes } from './recovery-codes.js'
import { newTotpSecret, stepOfCode, totpUri } from './second-factor.js'
import { hashOfSecret, newSecret } from './secrets.js'
import { endAllSessions } from './sessions.js'
import { enter, type SignedIn, type SignInRequest } from './sign-in.js'
import { checkedRoles, findUser, lockPeople, requireOther, type UserDeps } from './users.js'

/** How long a link is valid, ms. */
const VALID_MS = 7 * DAY_MS
/**
 * The form of a user's name. Names identify actors in the journal. So one name never mixes letters of two scripts,
 * which may be confused.
 */
const NAME = /^(?=\p{Ll})(?=.{1,64}$)(?:[a-z0-9._@-]+|(?:(?=\p{Ll})\p{Script=Cyrillic}|[0-9._@-])+)$/u

/** Small Cyrillic letters, with the similar Latin letter below each. */
const ALIKE = ['авгекмнопрстухиіјѕһԁԛԝ', 'abrekmhonpctyxuijshdqw'] as const

/** A link for a user. `secret`: its last part, which is not stored. */
export interface Invitation {
  name: string
  secret: Secret
  expiresAt: Date
}

/**
 * Adds a user, who can sign in after using the link.
 *
 * @throws AppError `request.invalid` for a name that is taken or malformed, and for no role; `journal.refused`; the
 *   errors of the database
 */
export async function inviteUser(
  { db, clock }: UserDeps,
  actor: Actor,
  { name: typed, roles }: { name: string; roles: readonly Role[] },
): Promise<Invitation> {
  await requireProvenRight({ db, clock }, actor, 'user.invite')
  const given = checkedRoles(roles)
  const name = nameAsKept(typed)
  requireName(name)
  const at = clock.now()
  return db.transaction().execute(async trx => {
    await lockPeople(trx)
    await requireUnlike(trx, name)
    const row = { id: newUserId(), name, roles: given, made_at: new Date(at), made_by: actor.name }
    const added = await trx
      .insertInto('user')
      .values(row)
      .onConflict(conflict => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!added)
      throw new AppError(
        'request.invalid',
        text`There is a user ${name} already: choose another name, or press Reset access at that person (consentry user reset ${name}).`,
      )
    const invitation = await makeInvitation(trx, { id: row.id, name, at })
    await appendIn(trx, [invited(actor, invitation, row, at)])
    return invitation
  })
}

/**
 * Makes a new link for a user who cannot sign in, or never did. The old passphrase, second factor, passkeys, recovery
 * codes, all sessions and earlier links are removed at once. A disabled user stays disabled.
 *
 * @throws AppError `not-found`; `request.invalid` for the actor; `journal.refused`; the errors of the database
 */
export async function resetUser({ db, clock }: UserDeps, actor: Actor, name: string): Promise<Invitation> {
  await requireProvenRight({ db, clock }, actor, 'user.reset')
  const at = clock.now()
  return db.transaction().execute(async trx => {
    await lockPeople(trx)
    const user = await findUser(trx, name)
    requireOther(actor, user, 'account')
    for (const table of ['user_credential', 'user_passkey', 'user_recovery_code', 'user_invitation'] as const)
      await trx.deleteFrom(table).where('user_id', '=', user.id).execute()
    await endAllSessions(trx, user.id, at)
    const invitation = await makeInvitation(trx, { id: user.id, name, at })
    const reset = event('user.reset', null, at, { user: user.id, name, ...deedOf(actor) })
    await appendIn(trx, [reset, invited(actor, invitation, user, at)])
    return invitation
  })
}

/**
 * The link to hand over. Its secret is the fragment, which no browser sends and so no log has.
 *
 * @param config where browsers reach the console
 */
export const linkOf = (config: Parameters<typeof originOfLinks>[0], { secret }: Invitation): Secret =>
  new Secret(`${originOfLinks(config)}/invitation#${secret.reveal()}`)

/** Normalizes a typed name for storage: sign-in ignores the difference between capitals and small letters. */
export const nameAsKept = (typed: string): string => typed.normalize('NFKC').trim().toLowerCase()

/** Checks the name of a new user, as it is kept. @throws AppError `request.invalid` */
export function requireName(name: string): void {
  if (!NAME.test(name))
    throw new AppError(
      'request.invalid',
      'The name of a user begins with a letter and has letters, digits, dots, hyphens, underscores and @, at most 64. Its letters are all Latin or all Cyrillic.',
    )
}

/**
 * Refuses a name that reads like another one, because the journal could not show which user acted.
 * @throws AppError `request.invalid`
 */
async function requireUnlike(trx: Db, name: string): Promise<void> {
  const users = await trx.selectFrom('user').select('name').where('name', '!=', name).execute()
  const like = users.find(other => inLatin(other.name) === inLatin(name))
  if (like)
    throw new AppError(
      'request.invalid',
      text`The name looks like that of ${like.name}, with letters of another alphabet: choose another name.`,
    )
}

const inLatin = (name: string): string =>
  [...name].map(letter => ALIKE[1][[...ALIKE[0]].indexOf(letter)] ?? letter).join('')

async function makeInvitation(
  trx: Db,
  { id, name, at }: { id: UserId; name: string; at: number },
): Promise<Invitation> {
  const [secret, expiresAt] = [newSecret(), new Date(at + VALID_MS)]
  const times = { made_at: new Date(at), expires_at: expiresAt }
  await trx
    .insertInto('user_invitation')
    .values({ hash: hashOfSecret(secret.reveal())!, user_id: id, ...times })
    .execute()
  return { name, secret, expiresAt }
}

const invited = (
  actor: Actor,
  { name, expiresAt }: Invitation,
  { id, roles }: { id: UserId; roles: Role[] },
  at: number,
): CallEvent =>
  event('user.invited', null, at, {
    ...{ user: id, name, ...deedOf(actor), roles, expiresAt: expiresAt.toISOString() },
  })

/** The console's default address. The service's setting may be unset because another unit runs the console. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 8081 }
/** Addresses that `localhost` stands for. Browsers make passkeys for names only (WebAuthn level 3 section 5.1.2). */
const LOCAL = ['127.0.0.1', '::1']

/**
 * The origin of links to the console: the configured one, else its listening address, as `localhost` on this machine.
 */
export function originOfLinks({
  console,
  consoleOrigin,
  consoleTls,
}: Pick<Config, 'console' | 'consoleOrigin' | 'consoleTls'>): string {
  const { host, port } = console ?? USUAL_ADDRESS
  const named = LOCAL.includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return consoleOrigin ?? `${consoleTls ? 'https' : 'http'}://${named}:${port}`
}

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
interface Acceptance {
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
