import { AppError } from '../../shared/errors.js'
import { event } from '../../shared/events.js'
import { Secret } from '../../shared/secret.js'
import { consoleKey } from '../../vault/console-key.js'
import { CONFIRM_MS } from '../deps.js'
import { countAttempt } from './attempts.js'
import type { PeopleDeps, PersonActor } from './deps.js'
import { checkPassphrase, hashPassphrase, verifyPassphrase } from './passphrases.js'
import { replaceRecoveryCodes } from './recovery-codes.js'
import { endAllSessions } from './sessions.js'

/** Who asks for a change of what proves them, from where. */
interface Own {
  actor: PersonActor
  passphrase: Secret
  address: string
}

/**
 * Changes the actor's own passphrase. All other sessions end.
 *
 * @param own with the old passphrase
 * @throws AppError `request.invalid` if the old passphrase is wrong, or the new one is not good; `sign-in.busy`; `journal.*`
 * @throws TooManyAttempts
 */
export async function changePassphrase(deps: PeopleDeps, own: Own, wanted: Secret): Promise<void> {
  const { db, journal, clock } = deps
  const { user, name, session } = own.actor
  checkPassphrase(wanted.reveal(), name)
  const old = await provePassphrase(deps, own)
  const phc = await hashPassphrase(wanted.reveal())
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await trx.selectFrom('user').select('id').where('id', '=', user).forNoKeyUpdate().execute()
    const changed = await trx
      .updateTable('user_credential')
      .set({ passphrase: phc, set_at: new Date(at) })
      .where('user_id', '=', user)
      .where('passphrase', '=', old)
      .returning('user_id')
      .executeTakeFirst()
    if (!changed) throw wrong()
    const ended = await endAllSessions(trx, user, at, session)
    const events = [event('user.passphrase-changed', null, at, { user, name })]
    if (ended.length > 0) {
      const deed = { user, name, by: name, way: 'console' as const }
      events.push(event('session.ended', null, at, { ...deed, sessions: ended, how: 'revoked' }))
    }
    await journal.append(events, CONFIRM_MS)
  })
}

/**
 * Replaces the actor's recovery codes. The old ones are void.
 *
 * @returns the codes, which are nowhere stored
 * @throws AppError `request.invalid` if the passphrase is wrong; `sign-in.busy`; `journal.*`
 * @throws TooManyAttempts
 */
export async function renewRecoveryCodes(deps: PeopleDeps, own: Own): Promise<Secret<string[]>> {
  const { db, journal, clock } = deps
  const { user, name } = own.actor
  await provePassphrase(deps, own)
  const at = clock.now()
  return db.transaction().execute(async trx => {
    const codes = await replaceRecoveryCodes(trx, user)
    await journal.append([event('user.recovery-codes-renewed', null, at, { user, name })], CONFIRM_MS)
    return new Secret(codes)
  })
}

/**
 * Asks for the passphrase, because a session may be in other hands.
 *
 * @returns its hash
 * @throws AppError `request.invalid` if it is wrong, or there is none; `sign-in.busy`; `journal.*`
 * @throws TooManyAttempts
 */
export async function provePassphrase(
  deps: PeopleDeps,
  { actor, passphrase, address }: Own,
): Promise<string> {
  const { db, clock, config, journal } = deps
  const at = clock.now()
  const attempt = await countAttempt(db, await consoleKey(config.data), { name: actor.name, address, at })
  const row = await db
    .selectFrom('user_credential')
    .select('passphrase')
    .where('user_id', '=', actor.user)
    .executeTakeFirst()
  const phc = row?.passphrase ?? undefined
  if ((await verifyPassphrase(phc, passphrase.reveal())) && phc !== undefined) {
    await attempt.succeed()
    return phc
  }
  const data = { user: actor.user, name: actor.name, reason: 'passphrase' as const }
  await journal.append([event('user.sign-in-refused', null, at, data)], CONFIRM_MS)
  throw wrong()
}

const wrong = () => new AppError('request.invalid', 'The present passphrase is wrong.')
