import type { EventData } from '../core/events.js'
import type { UserId } from '../core/ids.js'
import type { Db } from '../db/database.js'
import type { ConsoleKey } from '../vault/console-key.js'
import type { PeopleDeps } from './account-deps.js'
import { useRecoveryCode } from './recovery-codes.js'
import { stepOfCode } from './second-factor.js'

/** The credential that proved a user besides the passphrase. */
export type Proof = EventData['user.signed-in']['with']

/** A user with the sealed second factor. `totp` is null without a second factor, `passphrase` without a passphrase. */
export interface FactorOwner {
  user_id: UserId
  totp: Buffer | null
  passphrase: string | null
}

/**
 * Checks the second factor and uses it up. Each time step and each recovery code counts once, even for two concurrent
 * requests. A user without a passphrase can use only a recovery code.
 *
 * @param at ms since the epoch
 * @returns what proved the user; undefined if nothing did
 */
export async function useSecondFactor(
  trx: Db,
  key: ConsoleKey,
  { user_id: user, totp, passphrase }: FactorOwner,
  {
    code,
    at,
    config,
  }: { code: string | undefined; at: number; config: Pick<PeopleDeps['config'], 'secondFactor'> },
): Promise<Proof | undefined> {
  if (!totp && passphrase !== null) return config.secondFactor === 'optional' ? 'none' : undefined
  if (code === undefined) return undefined
  const step = totp && passphrase !== null ? stepOfCode(key.open(totp, user), code, at) : undefined
  if (step === undefined) return (await useRecoveryCode(trx, user, code, at)) ? 'recovery-code' : undefined
  const used = await trx
    .updateTable('user_credential')
    .set({ totp_step: step })
    .where('user_id', '=', user)
    .where(({ eb, or }) => or([eb('totp_step', 'is', null), eb('totp_step', '<', step)]))
    .returning('user_id')
    .executeTakeFirst()
  return used && 'code'
}
