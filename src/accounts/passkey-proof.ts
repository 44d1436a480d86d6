import { AppError } from '../core/errors.js'
import { consoleKey } from '../vault/console-key.js'
import type { PasskeyDeps, PersonActor } from './account-deps.js'
import { countAttempt } from './attempts.js'
import { requireRight } from './deeds.js'
import { lockUser } from './lock-user.js'
import { countUse, keysOf } from './passkeys.js'
import { noteProof, refuseProof } from './proof.js'
import {
  type AuthenticationResponseJSON,
  challengeIn,
  isOf,
  newChallenge,
  type PublicKeyCredentialRequestOptionsJSON,
  proofOptions,
  requireRelyingParty,
  useChallenge,
  verifyProof,
} from './webauthn.js'

/** A renewed proof of identity by a passkey. */
export interface PasskeyProving {
  actor: PersonActor
  response: AuthenticationResponseJSON
  address: string
}

/**
 * Asks for a proof by one of the actor's passkeys.
 *
 * @throws AppError `request.invalid` if the console cannot have passkeys, or the actor has none
 */
export async function beginPasskeyProof(
  { db, clock, config }: PasskeyDeps,
  actor: PersonActor,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  requireRight(actor, 'me.begin-passkey-proof')
  const { user } = actor
  const party = requireRelyingParty(config)
  const keys = await keysOf(db, user)
  if (keys.length === 0)
    throw new AppError(
      'request.invalid',
      'You have no passkey: confirm that it is you by passphrase and code.',
    )
  return proofOptions(party, await newChallenge(db, { purpose: 'prove', user, at: clock.now() }), keys)
}

/**
 * Proves the actor's identity again, by one of the actor's passkeys. It replaces passphrase and code, because the
 * device has verified the person. Failures count like those of signing in.
 *
 * @returns when the proof expires
 * @throws AppError `request.invalid` if the proof is invalid, or the console cannot have passkeys; `journal.*`; the
 *   errors of the database
 * @throws TooManyAttempts
 */
export async function proveByPasskey(
  deps: PasskeyDeps,
  { actor, response, address }: PasskeyProving,
): Promise<Date> {
  requireRight(actor, 'me.prove-by-passkey')
  const { db, clock, config } = deps
  const party = requireRelyingParty(config)
  const { user, name } = actor
  const at = clock.now()
  const attempt = await countAttempt(db, await consoleKey(config.data), { name, address, at })
  const challenge = challengeIn(response)
  const isFresh = await useChallenge(db, challenge, { purpose: 'prove', user, at })
  const key = (await keysOf(db, user)).find(({ credential }) => credential === response.id)
  const counter =
    isFresh && key && isOf(response, user) ? await verifyProof(party, response, challenge, key) : undefined
  const until =
    key && counter !== undefined
      ? await db.transaction().execute(async trx => {
          await lockUser(trx, user)
          if (!(await countUse(trx, key, counter, at))) return undefined
          return noteProof(trx, actor, { at, proved: { with: 'passkey', passkey: key.id } })
        })
      : undefined
  if (!until) return refuseProof(deps, actor, 'passkey')
  await attempt.succeed()
  return until
}
