import { createHash, randomBytes } from 'node:crypto'
import { type Actor, ROLES, type Role } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { newTokenId, type TokenId } from '../core/ids.js'
import { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { requireRight } from './deeds.js'
import type { Deps } from './deps.js'

/** The journal has each event in the transaction of its row, so that there are both or neither. */
type TokenDeps = Pick<Deps, 'db' | 'clock'>

/** Random bytes of a token. */
const TOKEN_BYTES = 32
/** Prefix of each token, so that a search for leaked secrets finds it. */
const PREFIX = 'consentry_'
/** The form of a token. Any other text is refused without a query. */
const TOKEN = /^consentry_[A-Za-z0-9_-]{43}$/
/** The form of a token's name, which identifies the actor in the journal. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/

/** A token to add. */
export interface TokenRequest {
  /** Names the program. It identifies the actor in the journal. */
  name: string
  roles: readonly Role[]
  /** Null: the token is valid until it is revoked. */
  expiresAt: Date | null
}

/** A token as lists show it. Times are ISO 8601, UTC. */
export interface TokenSummary {
  name: string
  roles: Role[]
  madeAt: string
  madeBy: string
  expiresAt: string | null
}

/**
 * Adds a token of the API. Only its hash is stored, so the token is shown only once, in this result.
 *
 * @returns the token, for an `Authorization: Bearer` header (RFC 6750)
 * @throws AppError `request.invalid` for a name that is taken or malformed, for no role, and for an end in the past;
 *   `journal.refused`; the errors of the database
 */
export async function addToken(
  { db, clock }: TokenDeps,
  actor: Actor,
  { name, roles, expiresAt }: TokenRequest,
): Promise<Secret> {
  requireRight(actor, 'token.add')
  checkRequest({ name, roles, expiresAt }, clock.now())
  const token = new Secret(`${PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`)
  const [id, at] = [newTokenId(), clock.now()]
  const given = ROLES.filter(role => roles.includes(role))
  await db.transaction().execute(async trx => {
    const row = {
      ...{ id, name, hash: hashOf(token.reveal()), roles: given },
      ...{ made_at: new Date(at), made_by: actor.name, expires_at: expiresAt },
    }
    const added = await trx
      .insertInto('token')
      .values(row)
      .onConflict(conflict => conflict.column('name').where('revoked_at', 'is', null).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!added)
      throw new AppError(
        'request.invalid',
        `There is a token ${name} already: revoke it, or choose another name.`,
      )
    const data = {
      ...{ token: id, name, roles: given, expiresAt: expiresAt?.toISOString() ?? null },
      ...{ by: actor.name, way: actor.way },
    }
    await appendIn(trx, [event('token.added', null, at, data)])
  })
  return token
}

function checkRequest({ name, roles, expiresAt }: TokenRequest, now: number): void {
  if (!NAME.test(name))
    throw new AppError(
      'request.invalid',
      'The name of a token begins with a letter and has letters, digits, dots, hyphens and underscores, at most 64.',
    )
  if (roles.length === 0) throw new AppError('request.invalid', `A token needs a role: ${ROLES.join(', ')}.`)
  if (expiresAt && expiresAt.getTime() <= now)
    throw new AppError('request.invalid', 'The end of the token lies in the past.')
}

/** Lists the tokens that are not revoked, by name. */
export async function listTokens({ db }: { db: Db }): Promise<TokenSummary[]> {
  const rows = await db
    .selectFrom('token')
    .select(['name', 'roles', 'made_at', 'made_by', 'expires_at'])
    .where('revoked_at', 'is', null)
    .orderBy('name')
    .execute()
  return rows.map(({ name, roles, made_at, made_by, expires_at }) => ({
    name,
    roles,
    madeAt: made_at.toISOString(),
    madeBy: made_by,
    expiresAt: expires_at?.toISOString() ?? null,
  }))
}

/**
 * Revokes a token. Requests that come later are refused.
 *
 * @throws AppError `not-found` if no token has this name; `journal.refused`; the errors of the database
 */
export async function revokeToken({ db, clock }: TokenDeps, actor: Actor, name: string): Promise<void> {
  requireRight(actor, 'token.revoke')
  const at = clock.now()
  await db.transaction().execute(async trx => {
    const revoked = await trx
      .updateTable('token')
      .set({ revoked_at: new Date(at), revoked_by: actor.name })
      .where('name', '=', name)
      .where('revoked_at', 'is', null)
      .returning('id')
      .executeTakeFirst()
    if (!revoked) throw new AppError('not-found', 'There is no token with this name.')
    const data = { token: revoked.id, name, by: actor.name, way: actor.way }
    await appendIn(trx, [event('token.revoked', null, at, data)])
  })
}

/** A program that is authenticated by its token. */
export interface TokenActor extends Actor {
  token: TokenId
}

/** Finds the program of a token. @returns undefined if it is unknown, revoked or expired */
export async function actorOfToken({ db, clock }: TokenDeps, token: string): Promise<TokenActor | undefined> {
  if (!TOKEN.test(token)) return undefined
  const row = await db
    .selectFrom('token')
    .select(['id', 'name', 'roles', 'expires_at'])
    .where('hash', '=', hashOf(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (!row || (row.expires_at && row.expires_at.getTime() <= clock.now())) return undefined
  return { token: row.id, name: row.name, way: 'token', roles: row.roles }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
