import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { type EventData, event } from '../core/events.js'
import type { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import type { PeopleDeps, PersonActor } from './account-deps.js'
import { countAttempt } from './attempts.js'
import { type ProvenDeed, requireRight } from './deeds.js'
import { CONFIRM_MS } from './deps.js'
import { lockUser } from './lock-user.js'
import { verifyPassphrase } from './passphrases.js'
import { useSecondFactor } from './use-second-factor.js'

/**
 * How long a proof lasts, ms: long enough for one change of the account, too short for a stranger at an open browser.
 */
const FRESH_MS = 300_000

/** `db` may be the database or a transaction. */
interface ProvenDeps extends Pick<PeopleDeps, 'clock'> {
  db: Db
}

/** A renewed proof of identity. `code`: of the second factor, or a recovery code. */
export interface Proving {
  actor: PersonActor
  passphrase: Secret
  code?: Secret | undefined
  address: string
}

/**
 * Returns when the proof of a session expires. Signing in is a proof.
 *
 * @returns undefined if it has expired, or the session has ended
 */
export async function provenUntil(
  { db, clock }: ProvenDeps,
  { session }: Pick<PersonActor, 'session'>,
): Promise<Date | undefined> {
  const row = await db
    .selectFrom('user_session')
    .select('proven_at')
    .where('id', '=', session)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  const until = (row?.proven_at?.getTime() ?? Number.NEGATIVE_INFINITY) + FRESH_MS
  return until > clock.now() ? new Date(until) : undefined
}

/**
 * Requires a fresh proof, because a session may be in other hands. Operations that change the actor's credentials call
 * it again under the lock on the user's row: the session may have ended while the request's body arrived.
 *
 * @throws AppError `proof.required` if the actor proved nothing within 5 min
 */
export async function requireProof(deps: ProvenDeps, actor: PersonActor): Promise<void> {
  if (await provenUntil(deps, actor)) return
  throw new AppError(
    'proof.required',
    'First confirm that it is you: by passphrase and a current code, or by a passkey, on the page Me or by POST /me/proof. That holds for 5 minutes.',
  )
}

/**
 * Requires the right to a deed that needs a fresh proof, and the proof. Only a session may be in other hands: the
 * command, and whoever has the address of the first set-up, act without one.
 *
 * @throws AppError as `requireRight`, as `requireProof`
 */
export async function requireProvenRight(deps: ProvenDeps, actor: Actor, deed: ProvenDeed): Promise<void> {
  requireRight(actor, deed)
  if (hasSession(actor)) await requireProof(deps, actor)
}

const hasSession = (actor: Actor): actor is PersonActor => 'session' in actor

/**
 * Proves the actor's identity again, by passphrase and second factor. Failures count like those of signing in.
 *
 * @returns when the proof expires
 * @throws AppError `request.invalid` if the passphrase or the code is wrong; `sign-in.busy`; `journal.*`; the errors of
 *   the database
 * @throws TooManyAttempts
 */
export async function prove(deps: PeopleDeps, { actor, passphrase, code, address }: Proving): Promise<Date> {
  requireRight(actor, 'me.prove')
  const { db, clock, config } = deps
  const { user, name } = actor
  const at = clock.now()
  const key = await consoleKey(config.data)
  const attempt = await countAttempt(db, key, { name, address, at })
  const known = await credentialOf(db, actor)
  if (!(await verifyPassphrase(known?.passphrase ?? undefined, passphrase.reveal())) || !known)
    return refuseProof(deps, actor, 'passphrase')
  const until = await db.transaction().execute(async trx => {
    await lockUser(trx, user)
    const found = await credentialOf(trx, actor)
    if (found?.passphrase !== known.passphrase) return undefined
    const factor = { user_id: user, totp: found.totp, passphrase: found.passphrase }
    const used = await useSecondFactor(trx, key, factor, { code: code?.reveal(), at, config })
    return used && noteProof(trx, actor, { at, proved: { with: used } })
  })
  if (!until) return refuseProof(deps, actor, 'code')
  await attempt.succeed()
  return until
}

/**
 * Stores that the actor has proved their identity. It drops a second factor that is being replaced, so that a
 * replacement begun before the proof cannot be completed. The transaction must hold a lock on the user's row.
 *
 * @param at ms since the epoch
 * @returns when the proof expires
 * @throws AppError `journal.refused`; the errors of the database
 */
export async function noteProof(
  trx: Db,
  { user, name, session }: PersonActor,
  { at, proved }: { at: number; proved: Pick<EventData['user.proved'], 'with' | 'passkey'> },
): Promise<Date> {
  await trx.updateTable('user_credential').set({ next_totp: null }).where('user_id', '=', user).execute()
  await trx
    .updateTable('user_session')
    .set({ proven_at: new Date(at) })
    .where('id', '=', session)
    .execute()
  await appendIn(trx, [event('user.proved', null, at, { user, name, session, ...proved })])
  return new Date(at + FRESH_MS)
}

const credentialOf = (db: Db, { user }: PersonActor) =>
  db
    .selectFrom('user_credential')
    .select(['passphrase', 'totp'])
    .where('user_id', '=', user)
    .executeTakeFirst()

/**
 * Journals that a proof failed.
 *
 * @throws AppError `request.invalid`, which does not reveal whether the passphrase or the code was wrong; `journal.*`
 */
export async function refuseProof(
  { journal, clock }: Pick<PeopleDeps, 'journal' | 'clock'>,
  { user, name }: PersonActor,
  reason: 'passphrase' | 'present passphrase' | 'code' | 'passkey',
): Promise<never> {
  const data = { user, name, reason: reason === 'present passphrase' ? ('passphrase' as const) : reason }
  await journal.append([event('user.sign-in-refused', null, clock.now(), data)], CONFIRM_MS)
  if (reason === 'passkey')
    throw new AppError(
      'request.invalid',
      'This passkey does not prove that it is you, or it took longer than 5 minutes: try again, or use another of your passkeys.',
    )
  if (reason === 'present passphrase')
    throw new AppError('request.invalid', 'The present passphrase is wrong.')
  throw new AppError(
    'request.invalid',
    'Passphrase or code is wrong. A code counts once: wait for the next one, or type a recovery code.',
  )
}
