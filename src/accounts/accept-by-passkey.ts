import { event } from '../core/events.js'
import { Secret } from '../core/secret.js'
import { appendIn } from '../journal/write/append-in.js'
import type { PasskeyDeps } from './account-deps.js'
import { type Accepted, type Entering, findInvitation, invalidLink } from './invitations.js'
import { lockUser } from './lock-user.js'
import { checkedName, insertPasskey, notAskedFor } from './passkeys.js'
import { replaceRecoveryCodes } from './recovery-codes.js'
import { enter } from './sign-in.js'
import {
  challengeIn,
  newChallenge,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  registrationOptions,
  requireRelyingParty,
  useChallenge,
  verifyRegistration,
} from './webauthn.js'

/**
 * Asks an invited user for a passkey in place of passphrase and second factor.
 *
 * @throws AppError `sign-in.refused` for the link; `request.invalid` if the console cannot have passkeys
 */
export async function beginAcceptanceByPasskey(
  { db, clock, config }: PasskeyDeps,
  link: Secret,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const party = requireRelyingParty(config)
  const at = clock.now()
  const { user_id: user, name } = await findInvitation(db, link, at)
  return registrationOptions(
    party,
    { id: user, name },
    await newChallenge(db, { purpose: 'accept', user, at }),
    [],
  )
}

/** The passkey's answer for an invitation. */
export interface PasskeyAcceptance {
  link: Secret
  /** The person's own name for the passkey. */
  name: string
  response: RegistrationResponseJSON
  /** As in `Acceptance`. */
  enters?: Entering | undefined
}

/**
 * Accepts an invitation by a passkey, which is then the user's only credential besides recovery codes. The link is used
 * up.
 *
 * @throws AppError `sign-in.refused` for the link; `request.invalid` for the passkey; `journal.refused`; the errors of
 *   the database
 */
export async function acceptByPasskey(
  { db, clock, config }: PasskeyDeps,
  { link, name: word, response, enters }: PasskeyAcceptance,
): Promise<Accepted> {
  const party = requireRelyingParty(config)
  const called = checkedName(word)
  const at = clock.now()
  const found = await findInvitation(db, link, at)
  const { hash, user_id: user, name } = found
  const challenge = challengeIn(response)
  const isFresh = await useChallenge(db, challenge, { purpose: 'accept', user, at })
  const key = isFresh ? await verifyRegistration(party, response, challenge) : undefined
  if (!key) throw notAskedFor()
  return db.transaction().execute(async trx => {
    await lockUser(trx, user)
    // The request that deletes the row has used the link. A concurrent request finds no row.
    const used = await trx
      .deleteFrom('user_invitation')
      .where('hash', '=', hash)
      .where('expires_at', '>', new Date(at))
      .returning('user_id')
      .executeTakeFirst()
    if (!used) throw invalidLink()
    await trx.deleteFrom('user_credential').where('user_id', '=', user).execute()
    const credential = { user_id: user, passphrase: null, totp: null, totp_step: null, set_at: new Date(at) }
    await trx.insertInto('user_credential').values(credential).execute()
    const { added, registered } = await insertPasskey(trx, { user, owner: name, key, name: called, at })
    const codes = await replaceRecoveryCodes(trx, user)
    const accepted = event('user.accepted', null, at, { user, name, secondFactor: true, passkey: added.id })
    await appendIn(trx, [accepted, registered])
    const proved = { with: 'passkey' as const, passkey: added.id }
    const signedIn = enters && (await enter(trx, found, { ...enters, at, proved }))
    return { name, recoveryCodes: new Secret(codes), signedIn }
  })
}
