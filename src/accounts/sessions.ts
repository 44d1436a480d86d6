import { DAY_MS } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import { isUuid, newSessionId, type SessionId, type UserId } from '../core/ids.js'
import type { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf, noSuchUser, type PeopleDeps, type PersonActor } from './account-deps.js'
import { hasRight, requireRight } from './deeds.js'
import { requireProof, requireProvenRight } from './proof.js'
import { hashOfSecret, newSecret } from './secrets.js'

const MINUTE_MS = 60_000
/** How long a session lasts without a request, ms (NIST SP 800-63B, AAL2). */
const IDLE_MS = 30 * MINUTE_MS
/** How long a session lasts at most, ms: a shift. */
const SESSION_MS = 12 * 60 * MINUTE_MS
/** Shortest time between two notes of a session's last request, ms. A page may send many requests. */
const SEEN_MS = MINUTE_MS
/**
 * How long an ended session is kept, ms, so that administrators can see who was signed in. Its address is personal
 * data.
 */
const KEEP_MS = 30 * DAY_MS

/** A session as lists show it. Times are ISO 8601, UTC. */
export interface SessionSummary {
  id: SessionId
  user: string
  address: string
  signedInAt: string
  seenAt: string
  endsAt: string
  /** True for the session that sends the request. */
  own: boolean
}

/** A new session. `secret` goes into the cookie and is not stored. */
export interface NewSession {
  id: SessionId
  secret: Secret
  endsAt: Date
}

/** Opens a session of a user who has just signed in. @param at ms since the epoch */
export async function openSession(
  db: Db,
  { user, address, at }: { user: UserId; address: string; at: number },
): Promise<NewSession> {
  const [id, secret, now, endsAt] = [newSessionId(), newSecret(), new Date(at), new Date(at + SESSION_MS)]
  const times = { made_at: now, seen_at: now, ends_at: endsAt, proven_at: now }
  await db
    .insertInto('user_session')
    .values({ id, hash: hashOfSecret(secret.reveal())!, user_id: user, address, ...times })
    .execute()
  await db
    .deleteFrom('user_session')
    .where('ends_at', '<', new Date(at - KEEP_MS))
    .execute()
  return { id, secret, endsAt }
}

/** The open sessions, each with its user, at a moment. */
const openSessions = (db: Db, at: number) =>
  db
    .selectFrom('user_session as s')
    .innerJoin('user as u', 'u.id', 's.user_id')
    .where('s.ended_at', 'is', null)
    .where('s.ends_at', '>', new Date(at))
    .where('s.seen_at', '>', new Date(at - IDLE_MS))
    .where('u.disabled_at', 'is', null)

/**
 * Finds the user of a cookie with the user's present roles, and notes that the session is in use.
 *
 * @param secret value of the cookie
 * @returns undefined if the session is unknown, ended or too old, or the user is disabled
 */
export async function actorOfSession(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  secret: string,
): Promise<PersonActor | undefined> {
  const hash = hashOfSecret(secret)
  if (!hash) return undefined
  const at = clock.now()
  const row = await openSessions(db, at)
    .select(['s.id', 's.seen_at', 's.user_id', 'u.name', 'u.roles'])
    .where('s.hash', '=', hash)
    .executeTakeFirst()
  if (!row) return undefined
  if (at - row.seen_at.getTime() >= SEEN_MS) {
    const seen = { seen_at: new Date(at) }
    await db.updateTable('user_session').set(seen).where('id', '=', row.id).execute()
  }
  return { name: row.name, way: 'console', roles: row.roles, user: row.user_id, session: row.id }
}

/** Finds which of these sessions are still open. This does not count as a request of theirs. */
export async function openAmong(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  sessions: readonly SessionId[],
): Promise<Set<SessionId>> {
  if (sessions.length === 0) return new Set()
  const rows = await openSessions(db, clock.now()).select('s.id').where('s.id', 'in', sessions).execute()
  return new Set(rows.map(({ id }) => id))
}

/**
 * Lists open sessions, the latest first: the actor's own, or with `of` those of another user.
 *
 * @throws AppError `not-found` if there is no such user, or the actor may not see the sessions
 */
export async function listSessions(
  { db, clock }: Pick<PeopleDeps, 'db' | 'clock'>,
  actor: PersonActor,
  of: string = actor.name,
): Promise<SessionSummary[]> {
  requireRight(actor, 'session.list')
  if (of !== actor.name && !hasRight(actor, 'user.show-sessions')) throw noSuchSession()
  const rows = await openSessions(db, clock.now())
    .select(['s.id', 'u.name', 's.address', 's.made_at', 's.seen_at', 's.ends_at'])
    .where('u.name', '=', of)
    .orderBy('s.made_at', 'desc')
    .orderBy('s.id')
    .execute()
  if (rows.length === 0) await requireUser(db, of)
  return rows.map(row => ({
    ...{ id: row.id, user: row.name, address: row.address, own: row.id === actor.session },
    signedInAt: row.made_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
  }))
}

async function requireUser(db: Db, name: string): Promise<void> {
  const found = await db.selectFrom('user').select('id').where('name', '=', name).executeTakeFirst()
  if (!found) throw noSuchUser()
}

/** Ends the session of the actor. @throws AppError `journal.refused`; the errors of the database */
export async function signOut(deps: PeopleDeps, actor: PersonActor): Promise<void> {
  requireRight(actor, 'session.end')
  await end(deps, actor, { how: 'signed-out', sessions: [actor.session], of: actor.user })
}

/**
 * Ends one session: the actor's own, or any if the actor is an administrator. The session's next request is refused.
 * Ending another session of one's own needs a fresh proof, because the present session may be in other hands.
 *
 * @throws AppError `not-found` if there is no such session, or the actor may not end it; `proof.required`;
 *   `journal.refused`; the errors of the database
 */
export async function revokeSession(deps: PeopleDeps, actor: PersonActor, session: string): Promise<void> {
  requireRight(actor, 'session.revoke')
  if (!isUuid(session)) throw noSuchSession()
  const of = hasRight(actor, 'user.end-session') ? undefined : actor.user
  if (session !== actor.session && (await ownerOf(deps, session as SessionId)) === actor.user)
    await requireProof(deps, actor)
  const ended = await end(deps, actor, { how: 'revoked', sessions: [session as SessionId], of })
  if (ended === 0) throw noSuchSession()
}

/**
 * Ends all sessions of the actor but the present one.
 *
 * @returns how many
 * @throws AppError `proof.required`; `journal.refused`; the errors of the database
 */
export async function endOtherSessions(deps: PeopleDeps, actor: PersonActor): Promise<number> {
  await requireProvenRight(deps, actor, 'session.end-others')
  return end(deps, actor, { how: 'revoked', of: actor.user, except: actor.session })
}

/**
 * Ends all sessions of the actor but the present one, in the transaction that changes the actor's credentials.
 *
 * @returns the event to journal; empty if there were no other sessions
 */
export async function endOtherSessionsIn(
  trx: Db,
  { user, name, session }: PersonActor,
  at: number,
): Promise<CallEvent[]> {
  const sessions = await endAllSessions(trx, user, at, session)
  const deed = { user, name, by: name, way: 'console' as const }
  return sessions.length > 0 ? [event('session.ended', null, at, { ...deed, sessions, how: 'revoked' })] : []
}

async function ownerOf({ db }: Pick<PeopleDeps, 'db'>, session: SessionId): Promise<UserId | undefined> {
  const row = await db
    .selectFrom('user_session')
    .select('user_id')
    .where('id', '=', session)
    .executeTakeFirst()
  return row?.user_id
}

/** Which sessions end. */
interface Ending {
  how: 'signed-out' | 'revoked'
  sessions?: SessionId[]
  of?: UserId | undefined
  except?: SessionId
}

async function end(
  { db, clock }: PeopleDeps,
  actor: PersonActor,
  { how, sessions, of, except }: Ending,
): Promise<number> {
  const at = clock.now()
  return db.transaction().execute(async trx => {
    let query = trx
      .updateTable('user_session')
      .set({ ended_at: new Date(at) })
      .where('ended_at', 'is', null)
    if (sessions) query = query.where('id', 'in', sessions)
    if (of) query = query.where('user_id', '=', of)
    if (except) query = query.where('id', '!=', except)
    const ended = await query.returning(['id', 'user_id']).execute()
    const [first] = ended
    if (!first) return 0
    const user = first.user_id
    const { name } = await trx
      .selectFrom('user')
      .select('name')
      .where('id', '=', user)
      .executeTakeFirstOrThrow()
    const data = { user, name, ...deedOf(actor), sessions: ended.map(({ id }) => id), how }
    await appendIn(trx, [event('session.ended', null, at, data)])
    return ended.length
  })
}

/**
 * Ends the open sessions of a user. The caller's transaction journals the reason.
 *
 * @param except the session that stays open
 * @returns the ids of those that ended
 */
export async function endAllSessions(
  db: Db,
  user: UserId,
  at: number,
  except?: SessionId,
): Promise<SessionId[]> {
  let query = db
    .updateTable('user_session')
    .set({ ended_at: new Date(at) })
    .where('user_id', '=', user)
    .where('ended_at', 'is', null)
  if (except) query = query.where('id', '!=', except)
  return (await query.returning('id').execute()).map(({ id }) => id)
}

const noSuchSession = () => new AppError('not-found', 'There is no such session.')
