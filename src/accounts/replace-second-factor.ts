import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { Secret } from '../core/secret.js'
import { appendIn } from '../journal/write/append-in.js'
import { consoleKey } from '../vault/console-key.js'
import type { PeopleDeps, PersonActor } from './account-deps.js'
import { lockUser } from './lock-user.js'
import { hasPassphrase } from './passkeys.js'
import { requireProof, requireProvenRight } from './proof.js'
import { newTotpSecret, stepOfCode, totpUri } from './second-factor.js'
import { endOtherSessionsIn } from './sessions.js'

/** An unconfirmed second factor: as an address for a QR code (`otpauth:`), and as text to type (base32). */
export interface BegunFactor {
  uri: Secret
  totp: Secret
}

/**
 * Draws a second factor to replace the actor's present one, unless one is drawn already. The drawn factor stays until
 * it is confirmed or the actor proves their identity again. The present one counts until the confirmation.
 *
 * @throws AppError `proof.required`; `request.conflict` if the actor has no passphrase for a second factor to accompany
 */
export async function beginSecondFactor(deps: PeopleDeps, actor: PersonActor): Promise<void> {
  await requireProvenRight(deps, actor, 'me.begin-second-factor')
  if (!(await hasPassphrase(deps, actor)))
    throw new AppError(
      'request.conflict',
      'You have no passphrase, so no second factor goes with it: add a second passkey instead.',
    )
  const { db, config } = deps
  const { user } = actor
  const key = await consoleKey(config.data)
  await db
    .updateTable('user_credential')
    .set({ next_totp: key.seal(newTotpSecret().reveal(), user) })
    .where('user_id', '=', user)
    .where('next_totp', 'is', null)
    .execute()
}

/**
 * Reads the second factor that `beginSecondFactor` drew.
 * @throws AppError `proof.required`; `request.conflict` if none exists
 */
export async function nextSecondFactor(deps: PeopleDeps, actor: PersonActor): Promise<BegunFactor> {
  await requireProvenRight(deps, actor, 'me.show-second-factor')
  const { db, config } = deps
  const { user, name } = actor
  const key = await consoleKey(config.data)
  const row = await db
    .selectFrom('user_credential')
    .select('next_totp')
    .where('user_id', '=', user)
    .executeTakeFirst()
  if (!row?.next_totp) throw gone()
  const totp = key.open(row.next_totp, user)
  return { uri: new Secret(totpUri(totp, name)), totp: new Secret(totp) }
}

/**
 * Replaces the actor's second factor with the one that `beginSecondFactor` drew. All other sessions end. Recovery codes
 * stay valid.
 *
 * @param code of the new one
 * @throws AppError `proof.required`; `request.invalid` for a wrong code; `request.conflict` if none was begun; the
 *   errors of the database
 */
export async function replaceSecondFactor(deps: PeopleDeps, actor: PersonActor, code: Secret): Promise<void> {
  await requireProvenRight(deps, actor, 'me.change-second-factor')
  const { db, clock, config } = deps
  const { user, name } = actor
  const at = clock.now()
  const key = await consoleKey(config.data)
  await db.transaction().execute(async trx => {
    await lockUser(trx, user)
    await requireProof({ db: trx, clock }, actor)
    const row = await trx
      .selectFrom('user_credential')
      .select('next_totp')
      .where('user_id', '=', user)
      .executeTakeFirst()
    if (!row?.next_totp) throw gone()
    const step = stepOfCode(key.open(row.next_totp, user), code.reveal(), at)
    if (step === undefined)
      throw new AppError(
        'request.invalid',
        'The code is not that of the new second factor: scan the QR code, check the time of the phone, and type the code that is shown now.',
      )
    await trx
      .updateTable('user_credential')
      .set({ totp: row.next_totp, totp_step: step, next_totp: null })
      .where('user_id', '=', user)
      .execute()
    const ended = await endOtherSessionsIn(trx, actor, at)
    await appendIn(trx, [event('user.second-factor-changed', null, at, { user, name }), ...ended])
  })
}

const gone = () =>
  new AppError(
    'request.conflict',
    'No second factor is being replaced: begin again on the page Me, and confirm the one that is shown then.',
  )
