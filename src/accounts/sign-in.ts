import type { Role } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type EventData, event } from '../core/events.js'
import { newUserId, type SessionId, type UserId } from '../core/ids.js'
import type { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import type { PeopleDeps, PersonActor } from './account-deps.js'
import { countAttempt } from './attempts.js'
import { CONFIRM_MS } from './deps.js'
import { lockUser } from './lock-user.js'
import { verifyPassphrase } from './passphrases.js'
import { isRecoveryCode } from './recovery-codes.js'
import { openSession } from './sessions.js'
import { useSecondFactor } from './use-second-factor.js'

/** The longest name that is searched, characters. No user has a longer one. */
const LONGEST_NAME = 64

/** A sign-in request. */
export interface SignInRequest {
  /** As typed. */
  name: string
  passphrase: Secret
  /** The second factor's code, or a recovery code. */
  code?: Secret | undefined
  /** The address from which the request comes. */
  address: string
  /** The browser's present session, which ends. */
  replaces?: SessionId | undefined
}

/** A signed-in user. `secret` goes into the cookie and is not stored. */
export interface SignedIn {
  actor: PersonActor
  secret: Secret
  /** The latest end of the session. */
  endsAt: Date
}

/** The fields of a user that signing in needs. */
interface Candidate {
  user_id: UserId
  name: string
  roles: Role[]
  disabled_at: Date | null
  /** True once the user has accepted an invitation. */
  accepted: boolean
  /** Null: the user has no passphrase, only passkeys. */
  passphrase: string | null
  totp: Buffer | null
}

type Reason = EventData['user.sign-in-refused']['reason']
/** The credential, in the journal's words. */
type Proved = Pick<EventData['user.signed-in'], 'with' | 'passkey'>

/**
 * Signs a user in by passphrase and second factor. A user without a passphrase signs in by a recovery code. An unknown
 * name, a disabled user and a wrong passphrase or code get the same answer for the same work: one argon2id hash and one
 * event.
 *
 * @throws AppError `sign-in.refused`; `sign-in.busy`; `journal.*`, the errors of the database. On any error no session
 *   is opened
 * @throws TooManyAttempts
 */
export async function signIn(deps: PeopleDeps, request: SignInRequest): Promise<SignedIn> {
  const { db, journal, clock, config } = deps
  const at = clock.now()
  const name = request.name.normalize('NFKC').trim().toLowerCase()
  const key = await consoleKey(config.data)
  const attempt = await countAttempt(db, key, { name, address: request.address, at })
  const found = name.length <= LONGEST_NAME ? await findCandidate(db, name) : undefined
  const known = found?.disabled_at === null && found.accepted ? found : undefined
  const verified = await verifyPassphrase(known?.passphrase ?? undefined, request.passphrase.reveal())
  // Every request pays for this check. Only a user without a passphrase uses up a valid code below, which takes longer.
  const recovers = await isRecoveryCode(db, known?.user_id ?? newUserId(), request.code?.reveal() ?? '')
  const right = verified || (known?.passphrase === null && recovers)
  const refuse = async (reason: Reason): Promise<never> => {
    const data = { user: found?.user_id ?? null, name: found?.name ?? null, reason }
    await journal.append([event('user.sign-in-refused', null, at, data)], CONFIRM_MS)
    throw new AppError(
      'sign-in.refused',
      'Name, passphrase or code is wrong. A code counts once: wait for the next one. An administrator can reset an account.',
    )
  }
  if (!found) return refuse('unknown')
  if (!known) return refuse('disabled')
  if (!right) return refuse(known.passphrase === null ? 'code' : 'passphrase')
  const signedIn = await db.transaction().execute(async trx => {
    // The row lock keeps the user from being disabled or reset between this check and the new session.
    const valid = await stillValid(trx, known)
    if (!valid) return 'passphrase'
    const factor = { ...known, totp: valid.totp }
    const proof = await useSecondFactor(trx, key, factor, { code: request.code?.reveal(), at, config })
    if (!proof) return 'code'
    const { address, replaces } = request
    return enter(trx, known, { address, at, replaces, proved: { with: proof } })
  })
  if (typeof signedIn === 'string') return refuse(signedIn as Reason)
  await attempt.succeed()
  return signedIn
}

/**
 * Opens a session of a user whose credentials are verified, and ends the browser's present one. The transaction must
 * hold a lock on the user's row.
 *
 * @throws AppError `journal.refused`; the errors of the database
 */
export async function enter(
  trx: Db,
  { user_id: user, name, roles }: Pick<Candidate, 'user_id' | 'name' | 'roles'>,
  {
    address,
    at,
    replaces,
    proved,
  }: Pick<SignInRequest, 'address' | 'replaces'> & { at: number; proved: Proved },
): Promise<SignedIn> {
  const { id: session, secret, endsAt } = await openSession(trx, { user, address, at })
  const events = [event('user.signed-in', null, at, { user, name, session, ...proved })]
  if (replaces && (await endReplaced(trx, replaces, at))) {
    const deed = { user, name, by: name, way: 'console' as const }
    events.push(event('session.ended', null, at, { ...deed, sessions: [replaces], how: 'replaced' }))
  }
  await appendIn(trx, events)
  return { actor: { name, way: 'console', roles, user, session }, secret, endsAt }
}

const findCandidate = (db: Db, name: string): Promise<Candidate | undefined> =>
  db
    .selectFrom('user as u')
    .leftJoin('user_credential as c', 'c.user_id', 'u.id')
    .select(['u.id as user_id', 'u.name', 'u.roles', 'u.disabled_at', 'c.passphrase', 'c.totp'])
    .select(({ eb }) => eb('c.user_id', 'is not', null).$castTo<boolean>().as('accepted'))
    .where('u.name', '=', name)
    .executeTakeFirst()

/** Returns the present second factor; undefined if the verified passphrase has changed or the user is disabled. */
async function stillValid(
  trx: Db,
  { user_id, passphrase }: Candidate,
): Promise<Pick<Candidate, 'totp'> | undefined> {
  await lockUser(trx, user_id)
  const row = await trx
    .selectFrom('user as u')
    .innerJoin('user_credential as c', 'c.user_id', 'u.id')
    .select(['c.passphrase', 'c.totp'])
    .where('u.id', '=', user_id)
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst()
  return row?.passphrase === passphrase ? row : undefined
}

const endReplaced = (trx: Db, session: SessionId, at: number) =>
  trx
    .updateTable('user_session')
    .set({ ended_at: new Date(at) })
    .where('id', '=', session)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
