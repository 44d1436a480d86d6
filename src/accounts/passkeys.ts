import { AppError } from '../core/errors.js'
import { type CallEvent, event } from '../core/events.js'
import { isUuid, newPasskeyId, type PasskeyId, type UserId } from '../core/ids.js'
import { text } from '../core/message.js'
import { WRITABLE_TEXT } from '../core/texts.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { deedOf, type PasskeyDeps, type PeopleDeps, type PersonActor } from './account-deps.js'
import { lockUser } from './lock-user.js'
import { requireProof, requireProvenRight } from './proof.js'
import {
  challengeIn,
  newChallenge,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  registrationOptions,
  requireRelyingParty,
  type StoredKey,
  useChallenge,
  verifyRegistration,
} from './webauthn.js'

/** Most passkeys of a user. */
const MOST = 20
/** The longest name of a passkey, characters. */
const LONGEST_NAME = 64

/** A passkey as its user sees it. Times are ISO 8601, UTC. */
export interface PasskeySummary {
  id: PasskeyId
  name: string
  madeAt: string
  /** Null: never. */
  usedAt: string | null
}

/** A user's passkeys, the oldest first. */
export async function listPasskeys(
  { db }: { db: Db },
  { user }: Pick<PersonActor, 'user'>,
): Promise<PasskeySummary[]> {
  const rows = await db
    .selectFrom('user_passkey')
    .select(['id', 'name', 'made_at', 'used_at'])
    .where('user_id', '=', user)
    .orderBy('made_at')
    .execute()
  return rows.map(({ id, name, made_at, used_at }) => ({
    ...{ id, name, madeAt: made_at.toISOString(), usedAt: used_at?.toISOString() ?? null },
  }))
}

/** True if a user has a passphrase. A user without one proves their identity by a passkey. */
export async function hasPassphrase(
  { db }: { db: Db },
  { user }: Pick<PersonActor, 'user'>,
): Promise<boolean> {
  const row = await db
    .selectFrom('user_credential')
    .select('has_passphrase')
    .where('user_id', '=', user)
    .executeTakeFirst()
  return row?.has_passphrase === true
}

/**
 * Asks for a new passkey of the actor.
 *
 * @throws AppError `proof.required`; `request.invalid` if there can be none, or there are too many
 */
export async function beginPasskey(
  deps: PasskeyDeps,
  actor: PersonActor,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  await requireProvenRight(deps, actor, 'me.begin-passkey')
  const { db, clock, config } = deps
  const { user, name } = actor
  const party = requireRelyingParty(config)
  const keys = await keysOf(db, user)
  requireRoom(keys.length)
  const challenge = await newChallenge(db, { purpose: 'register', user, at: clock.now() })
  return registrationOptions(party, { id: user, name }, challenge, keys)
}

/**
 * Adds a passkey of the actor.
 *
 * @param name the person's own name for it
 * @throws AppError `proof.required`; `request.invalid` for the name, and if it does not answer the challenge;
 *   `journal.refused`; the errors of the database
 */
export async function addPasskey(
  deps: PasskeyDeps,
  actor: PersonActor,
  { name, response }: { name: string; response: RegistrationResponseJSON },
): Promise<PasskeySummary> {
  await requireProvenRight(deps, actor, 'me.add-passkey')
  const { db, clock, config } = deps
  const party = requireRelyingParty(config)
  const { user } = actor
  const called = checkedName(name)
  const at = clock.now()
  const challenge = challengeIn(response)
  const isFresh = await useChallenge(db, challenge, { purpose: 'register', user, at })
  const key = isFresh ? await verifyRegistration(party, response, challenge) : undefined
  if (!key) throw notAskedFor()
  return db.transaction().execute(async trx => {
    await lockUser(trx, user)
    await requireProof({ db: trx, clock }, actor)
    requireRoom((await keysOf(trx, user)).length)
    const { added, registered } = await insertPasskey(trx, {
      user,
      owner: actor.name,
      key,
      name: called,
      at,
    })
    await appendIn(trx, [registered])
    return added
  })
}

/**
 * Stores a verified passkey.
 *
 * @returns it, and its event, which must enter the journal in the same transaction
 * @throws AppError `request.invalid` if the passkey is stored already
 */
export async function insertPasskey(
  trx: Db,
  { user, owner, key, name, at }: { user: UserId; owner: string; key: StoredKey; name: string; at: number },
): Promise<{ added: PasskeySummary; registered: CallEvent }> {
  const id = newPasskeyId()
  const made = new Date(at)
  const row = await trx
    .insertInto('user_passkey')
    .values({
      ...{ id, user_id: user, credential: key.credential, public_key: key.publicKey, counter: key.counter },
      ...{ transports: key.transports, name, made_at: made, used_at: null },
    })
    .onConflict(conflict => conflict.column('credential').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) throw notAskedFor()
  return {
    added: { id, name, madeAt: made.toISOString(), usedAt: null },
    registered: event('user.passkey-registered', null, at, { user, name: owner, passkey: id }),
  }
}

/**
 * Removes a passkey of the actor.
 *
 * @throws AppError `proof.required`; `not-found`; `request.invalid` for the last passkey of a user without a
 *   passphrase; the errors of the database
 */
export async function removePasskey(deps: PeopleDeps, actor: PersonActor, passkey: string): Promise<void> {
  await requireProvenRight(deps, actor, 'me.remove-passkey')
  const { db, clock } = deps
  const { user, name } = actor
  if (!isUuid(passkey)) throw noSuchPasskey()
  const at = clock.now()
  await db.transaction().execute(async trx => {
    await lockUser(trx, user)
    await requireProof({ db: trx, clock }, actor)
    const removed = await trx
      .deleteFrom('user_passkey')
      .where('id', '=', passkey as PasskeyId)
      .where('user_id', '=', user)
      .returning('id')
      .executeTakeFirst()
    if (!removed) throw noSuchPasskey()
    if ((await keysOf(trx, user)).length === 0 && !(await hasPassphrase({ db: trx }, { user })))
      throw new AppError('request.invalid', 'This passkey is all that lets you in: add another one first.')
    const data = { user, name, ...deedOf(actor), passkey: removed.id }
    await appendIn(trx, [event('user.passkey-removed', null, at, data)])
  })
}

/** Reads a user's passkeys as `verifyProof` needs them. */
export const keysOf = async (db: Db, user: UserId): Promise<(StoredKey & { id: PasskeyId })[]> =>
  (
    await db
      .selectFrom('user_passkey')
      .select(['id', 'credential', 'public_key as publicKey', 'counter', 'transports'])
      .where('user_id', '=', user)
      .execute()
  ).map(row => ({ ...row, counter: Number(row.counter) }))

/** Stores that a passkey was used. @returns false if it was used meanwhile with the same counter, or is gone */
export async function countUse(
  db: Db,
  { credential }: Pick<StoredKey, 'credential'>,
  counter: number,
  at: number,
): Promise<boolean> {
  const used = await db
    .updateTable('user_passkey')
    .set({ counter, used_at: new Date(at) })
    .where('credential', '=', credential)
    .where(({ eb, and, or }) =>
      or([eb('counter', '<', counter), and([eb('counter', '=', 0), eb(eb.val(counter), '=', 0)])]),
    )
    .returning('id')
    .executeTakeFirst()
  return used !== undefined
}

/** Trims and checks a passkey's name. @throws AppError `request.invalid` */
export function checkedName(name: string): string {
  const called = name.trim()
  if (called === '' || called.length > LONGEST_NAME || !WRITABLE_TEXT.test(called))
    throw new AppError(
      'request.invalid',
      text`Give the passkey a name of at most ${LONGEST_NAME} characters, without control characters, such as that of the device.`,
    )
  return called
}

function requireRoom(count: number): void {
  if (count >= MOST)
    throw new AppError('request.invalid', text`You have ${MOST} passkeys: remove one that you do not use.`)
}

export const notAskedFor = (): AppError =>
  new AppError(
    'request.invalid',
    'This is not the passkey that was asked for, or it took longer than five minutes: try again.',
  )
const noSuchPasskey = () => new AppError('not-found', 'You have no such passkey.')
