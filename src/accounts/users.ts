import { type Actor, ROLES, type Role } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { UserId } from '../core/ids.js'
import { text } from '../core/message.js'
import { type Db, sql } from '../db/database.js'
import { takeTurn } from '../db/locks.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf, noSuchUser, userOf } from './account-deps.js'
import type { Deps } from './deps.js'
import { requireProvenRight } from './proof.js'
import { endAllSessions } from './sessions.js'

/**
 * What deeds on users need. An event and its rows share one transaction, so that either both exist or neither.
 */
export type UserDeps = Pick<Deps, 'db' | 'clock'>

/** `invited`: the user has not accepted an invitation yet; the link may have expired. */
export type UserState = 'active' | 'invited' | 'disabled'

/** A user as lists show it. Times are ISO 8601, UTC. */
export interface UserSummary {
  name: string
  roles: Role[]
  state: UserState
  madeAt: string
  madeBy: string
  /** When the link expires. Null if no link is valid. */
  invitedUntil: string | null
  /** Sessions that are not ended and not past their longest duration. */
  sessions: number
  /** When the user acknowledged the rules in force. Null if not yet, or no rules are in force. */
  acknowledgedAt: string | null
  /** The latest training. */
  training: { what: string; on: string } | null
  factors: Factors
}

/** The credentials of a user. `code`: a second factor. */
export interface Factors {
  passphrase: boolean
  code: boolean
  passkeys: number
}

/** The fields of a user that a change needs. */
export interface FoundUser {
  id: UserId
  name: string
  roles: Role[]
  disabled: boolean
  /** True once the user has accepted an invitation. */
  accepted: boolean
}

/** Lists users by name. It works with the database roles of the command and of the console. */
export async function listUsers({ db, clock }: UserDeps): Promise<UserSummary[]> {
  const now = new Date(clock.now())
  const { rows } = await sql<{
    name: string
    roles: Role[]
    disabled: boolean
    accepted: boolean
    made_at: Date
    made_by: string
    invited_until: Date | null
    sessions: number
    acknowledged_at: Date | null
    training: { what: string; on: string } | null
    passphrase: boolean
    code: boolean
    passkeys: number
  }>`
    select u.name, u.roles, u.made_at, u.made_by, u.disabled_at is not null as disabled,
      c.user_id is not null as accepted, coalesce(c.has_passphrase, false) as passphrase, coalesce(c.has_code, false) as code,
      (select count(*)::int from user_passkey p where p.user_id = u.id) as passkeys,
      (select max(i.expires_at) from user_invitation i where i.user_id = u.id and i.expires_at > ${now}) as invited_until,
      (select count(*)::int from user_session s
        where s.user_id = u.id and s.ended_at is null and s.ends_at > ${now}) as sessions,
      (select a.acknowledged_at from rules_acknowledged a
        where a.user_id = u.id and a.version = (select version from rules order by id desc limit 1)) as acknowledged_at,
      (select jsonb_build_object('what', t.what, 'on', t.held_on) from user_training t
        where t.user_id = u.id order by t.held_on desc, t.recorded_at desc limit 1) as training
    from "user" u left join user_credential c on c.user_id = u.id order by u.name`.execute(db)
  return rows.map(row => ({
    ...{ name: row.name, roles: row.roles, state: stateOf(row), madeBy: row.made_by },
    madeAt: row.made_at.toISOString(),
    invitedUntil: row.invited_until?.toISOString() ?? null,
    ...{ sessions: row.sessions, training: row.training },
    factors: { passphrase: row.passphrase, code: row.code, passkeys: row.passkeys },
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  }))
}

const stateOf = ({ disabled, accepted }: { disabled: boolean; accepted: boolean }): UserState =>
  disabled ? 'disabled' : accepted ? 'active' : 'invited'

/**
 * Gives a user other roles. They hold from the user's next request.
 *
 * @param seen the roles that the actor has seen; undefined: not checked
 * @throws AppError `proof.required`; `not-found`; `request.conflict` if the user has other roles by now; `request.invalid` for no role,
 *   for the actor's own, and for the last administrator's; `journal.refused`; the errors of the database
 */
export async function changeRoles(
  deps: UserDeps,
  actor: Actor,
  name: string,
  roles: readonly Role[],
  seen?: readonly Role[],
): Promise<void> {
  await requireProvenRight(deps, actor, 'user.change')
  const after = checkedRoles(roles)
  await changeUser(deps, name, async (trx, user, at) => {
    requireOther(actor, user, 'roles')
    requireSeen(user, seen, after)
    if (!after.includes('administrator')) await requireAnotherAdministrator(trx, user)
    await trx.updateTable('user').set({ roles: after }).where('id', '=', user.id).execute()
    const data = { user: user.id, name, ...deedOf(actor), before: user.roles, after }
    return event('user.roles-changed', null, at, data)
  })
}

/** Refuses a change from an outdated page, so that it cannot bring back a role just taken away. */
function requireSeen(
  { name, roles }: FoundUser,
  seen: readonly Role[] | undefined,
  after: readonly Role[],
): void {
  const isSame = (other: readonly Role[]) => checkedRoles(other).join() === checkedRoles(roles).join()
  if (seen === undefined || isSame(seen) || isSame(after)) return
  throw new AppError(
    'request.conflict',
    text`Somebody has changed the roles of ${name} meanwhile. Check them again before you continue.`,
  )
}

/**
 * Disables a user. The user's sessions end at once, and links become void.
 *
 * @throws AppError `proof.required`; `not-found`; `request.invalid` for the actor, and for the last administrator; the errors of the
 *   database
 */
export async function disableUser(deps: UserDeps, actor: Actor, name: string): Promise<void> {
  await requireProvenRight(deps, actor, 'user.change')
  await changeUser(deps, name, async (trx, user, at) => {
    requireOther(actor, user, 'account')
    if (user.disabled) throw new AppError('request.invalid', text`The user ${name} is disabled already.`)
    await requireAnotherAdministrator(trx, user)
    await trx
      .updateTable('user')
      .set({ disabled_at: new Date(at) })
      .where('id', '=', user.id)
      .execute()
    await trx.deleteFrom('user_invitation').where('user_id', '=', user.id).execute()
    await endAllSessions(trx, user.id, at)
    return event('user.disabled', null, at, { user: user.id, name, ...deedOf(actor) })
  })
}

/**
 * Enables a disabled user with the old credentials.
 *
 * @throws AppError `proof.required`; `not-found`, `request.invalid`; `journal.refused`; the errors of the database
 */
export async function enableUser(deps: UserDeps, actor: Actor, name: string): Promise<void> {
  await requireProvenRight(deps, actor, 'user.change')
  await changeUser(deps, name, async (trx, user, at) => {
    if (!user.disabled) throw new AppError('request.invalid', text`The user ${name} is not disabled.`)
    await trx.updateTable('user').set({ disabled_at: null }).where('id', '=', user.id).execute()
    return event('user.enabled', null, at, { user: user.id, name, ...deedOf(actor) })
  })
}

/**
 * Changes a user and journals it. The caller has checked the actor's right. Changes run one at a time, so that two at once cannot remove the last two
 * administrators.
 */
async function changeUser(
  { db, clock }: UserDeps,
  name: string,
  change: (trx: Db, user: FoundUser, at: number) => Promise<ReturnType<typeof event>>,
): Promise<void> {
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockPeople(trx)
    const done = await change(trx, await findUser(trx, name), at)
    await appendIn(trx, [done])
  })
}

/** Holds the lock on people until the transaction ends. */
export const lockPeople = (trx: Db) => takeTurn(trx, 'people')

/** Finds a user and locks the row against a concurrent sign-in. @throws AppError `not-found` */
export async function findUser(trx: Db, name: string): Promise<FoundUser> {
  const row = await trx
    .selectFrom('user')
    .select(['id', 'name', 'roles', 'disabled_at'])
    .where('name', '=', name)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row) throw noSuchUser()
  const { id, roles, disabled_at } = row
  const credential = await trx
    .selectFrom('user_credential')
    .select('user_id')
    .where('user_id', '=', id)
    .executeTakeFirst()
  return { id, name, roles, disabled: disabled_at !== null, accepted: credential !== undefined }
}

/** Returns the roles in their usual order. @throws AppError `request.invalid` for none */
export function checkedRoles(roles: readonly Role[]): Role[] {
  if (roles.length === 0) throw new AppError('request.invalid', 'Choose at least one role.')
  return ROLES.filter(role => roles.includes(role))
}

/** @throws AppError `request.invalid` */
export function requireOther(actor: Actor, { id }: FoundUser, what: 'roles' | 'account'): void {
  if (userOf(actor) === id)
    throw new AppError(
      'request.invalid',
      text`You cannot change your own ${what}: ask another administrator.`,
    )
}

/** Requires another enabled administrator who can sign in. @throws AppError `request.invalid` */
async function requireAnotherAdministrator(
  trx: Db,
  { id, roles, accepted, disabled }: FoundUser,
): Promise<void> {
  if (!roles.includes('administrator') || !accepted || disabled) return
  const other = await trx
    .selectFrom('user as u')
    .innerJoin('user_credential as c', 'c.user_id', 'u.id')
    .select('u.id')
    .where('u.id', '!=', id)
    .where('u.disabled_at', 'is', null)
    .where(sql<boolean>`'administrator' = any(u.roles)`)
    .executeTakeFirst()
  if (!other)
    throw new AppError(
      'request.invalid',
      'This is the last administrator: first make another one, who accepts the invitation.',
    )
}
