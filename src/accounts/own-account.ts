import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { Secret } from '../core/secret.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import type { PeopleDeps, PersonActor } from './account-deps.js'
import { countAttempt } from './attempts.js'
import { lockUser } from './lock-user.js'
import { checkPassphrase, hashPassphrase, verifyPassphrase } from './passphrases.js'
import { refuseProof, requireProof, requireProvenRight } from './proof.js'
import { replaceRecoveryCodes } from './recovery-codes.js'
import { endOtherSessionsIn } from './sessions.js'

/** A change of the own passphrase. */
interface Own {
  actor: PersonActor
  /** The present one. It is required besides the proof, because it is what changes. */
  passphrase: Secret
  address: string
}

/**
 * Changes the actor's own passphrase. All other sessions end.
 *
 * @param own with the old passphrase
 * @throws AppError `proof.required`; `request.invalid` if the old passphrase is wrong, or the new one is not good; `sign-in.busy`;
 *   `journal.refused`; the errors of the database
 * @throws TooManyAttempts
 */
export async function changePassphrase(deps: PeopleDeps, own: Own, wanted: Secret): Promise<void> {
  const { db, clock } = deps
  const { user, name } = own.actor
  await requireProvenRight(deps, own.actor, 'me.change-passphrase')
  checkPassphrase(wanted.reveal(), name)
  const old = await provePassphrase(deps, own)
  const phc = await hashPassphrase(wanted.reveal())
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockUser(trx, user)
    await requireProof({ db: trx, clock }, own.actor)
    const changed = await trx
      .updateTable('user_credential')
      .set({ passphrase: phc, set_at: new Date(at) })
      .where('user_id', '=', user)
      .where('passphrase', '=', old)
      .returning('user_id')
      .executeTakeFirst()
    if (!changed) throw changedMeanwhile()
    const ended = await endOtherSessionsIn(trx, own.actor, at)
    await appendIn(trx, [event('user.passphrase-changed', null, at, { user, name }), ...ended])
  })
}

/**
 * Replaces the actor's recovery codes. The old ones are void.
 *
 * @returns the codes, of which only hashes are stored
 * @throws AppError `proof.required`; `journal.refused`; the errors of the database
 */
export async function renewRecoveryCodes(deps: PeopleDeps, actor: PersonActor): Promise<Secret<string[]>> {
  await requireProvenRight(deps, actor, 'me.renew-recovery-codes')
  const { db, clock } = deps
  const { user, name } = actor
  const at = clock.now()
  return db.transaction().execute(async trx => {
    await lockUser(trx, user)
    await requireProof({ db: trx, clock }, actor)
    const codes = await replaceRecoveryCodes(trx, user)
    await appendIn(trx, [event('user.recovery-codes-renewed', null, at, { user, name })])
    return new Secret(codes)
  })
}

/** @returns the hash of the passphrase */
async function provePassphrase(deps: PeopleDeps, { actor, passphrase, address }: Own): Promise<string> {
  const { db, clock, config } = deps
  const at = clock.now()
  const attempt = await countAttempt(db, await consoleKey(config.data), { name: actor.name, address, at })
  const row = await db
    .selectFrom('user_credential')
    .select('passphrase')
    .where('user_id', '=', actor.user)
    .executeTakeFirst()
  const phc = row?.passphrase ?? undefined
  if (!(await verifyPassphrase(phc, passphrase.reveal())) || phc === undefined)
    return refuseProof(deps, actor, 'present passphrase')
  await attempt.succeed()
  return phc
}

const changedMeanwhile = () =>
  new AppError('request.conflict', 'The passphrase was changed meanwhile: sign in with the new one.')
