import type { Actor, Role } from '../core/actor.js'
import { DAY_MS } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import { newUserId, type UserId } from '../core/ids.js'
import { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf } from './account-deps.js'
import { originOfLinks } from './console-address.js'
import { hashOfSecret, newSecret } from './secrets.js'
import { endAllSessions } from './sessions.js'
import {
  checkedRoles,
  findUser,
  lockPeople,
  requireOther,
  requirePeopleRight,
  type UserDeps,
} from './users.js'

/** How long a link is valid, ms. */
const VALID_MS = 7 * DAY_MS
/**
 * The form of a user's name. Names identify actors in the journal. So one name never mixes letters of two scripts,
 * which may look alike.
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
  requirePeopleRight(actor)
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
        `There is a user ${name} already: choose another name, or press Reset access at that person (consentry user reset ${name}).`,
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
  requirePeopleRight(actor)
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
      `The name looks like that of ${like.name}, with letters of another alphabet: choose another name.`,
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
