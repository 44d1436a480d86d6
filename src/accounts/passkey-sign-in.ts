import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import type { SessionId } from '../core/ids.js'
import type { Db } from '../db/database.js'
import { consoleKey } from '../vault/console-key.js'
import type { PasskeyDeps } from './account-deps.js'
import { countAttempt } from './attempts.js'
import { CONFIRM_MS } from './deps.js'
import { countUse } from './passkeys.js'
import { enter, type SignedIn } from './sign-in.js'
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

/** The passkey's answer for signing in. */
export interface PasskeySignIn {
  response: AuthenticationResponseJSON
  /** The address from which the request comes. */
  address: string
  /** The browser's present session, which ends. */
  replaces?: SessionId | undefined
}

/**
 * Asks the browser for a passkey. The request names no user, so that it does not reveal which users exist.
 *
 * @throws AppError `request.invalid` if the console cannot have passkeys
 */
export async function beginPasskeySignIn({
  db,
  clock,
  config,
}: PasskeyDeps): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const party = requireRelyingParty(config)
  return proofOptions(party, await newChallenge(db, { purpose: 'sign-in', user: null, at: clock.now() }))
}

/**
 * Signs a user in by a passkey. It replaces passphrase and code, because the device has verified the person. Every
 * failure gives the same answer. The challenge is used up in any case.
 *
 * @throws AppError `sign-in.refused`; `request.invalid` if the console cannot have passkeys; `journal.*`, the errors of
 *   the database. On any error no session is opened
 * @throws TooManyAttempts
 */
export async function signInByPasskey(deps: PasskeyDeps, request: PasskeySignIn): Promise<SignedIn> {
  const { db, journal, clock, config } = deps
  const party = requireRelyingParty(config)
  const { response, address, replaces } = request
  const at = clock.now()
  const key = await consoleKey(config.data)
  const attempt = await countAttempt(db, key, { name: `passkey ${response.id}`, address, at })
  const challenge = challengeIn(response)
  const isFresh = await useChallenge(db, challenge, { purpose: 'sign-in', user: null, at })
  const found = await findByPasskey(db, response.id)
  const isRight = found?.disabled_at === null && isFresh && isOf(response, found.user_id)
  const counter = isRight ? await verifyProof(party, response, challenge, found) : undefined
  const opened =
    found && counter !== undefined
      ? await db.transaction().execute(async trx => {
          // The row lock keeps the user from being disabled or reset between this check and the new session.
          const user = await trx
            .selectFrom('user')
            .select('id')
            .where('id', '=', found.user_id)
            .where('disabled_at', 'is', null)
            .forNoKeyUpdate()
            .executeTakeFirst()
          if (!user || !(await countUse(trx, found, counter, at))) return undefined
          const proved = { with: 'passkey' as const, passkey: found.id }
          return enter(trx, found, { address, at, replaces, proved })
        })
      : undefined
  if (opened) {
    await attempt.succeed()
    return opened
  }
  const data = { user: found?.user_id ?? null, name: found?.name ?? null, reason: 'passkey' as const }
  await journal.append([event('user.sign-in-refused', null, at, data)], CONFIRM_MS)
  throw new AppError(
    'sign-in.refused',
    'This passkey does not let you in. Try again, or sign in by passphrase and code. An administrator can reset an account.',
  )
}

async function findByPasskey(db: Db, credential: string) {
  const row = await db
    .selectFrom('user_passkey as p')
    .innerJoin('user as u', 'u.id', 'p.user_id')
    .select(['p.id', 'p.credential', 'p.public_key as publicKey', 'p.counter', 'p.transports'])
    .select(['u.id as user_id', 'u.name', 'u.roles', 'u.disabled_at'])
    .where('p.credential', '=', credential)
    .executeTakeFirst()
  return row && { ...row, counter: Number(row.counter) }
}
