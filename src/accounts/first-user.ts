import { timingSafeEqual } from 'node:crypto'
import { type Actor, ROLES } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import type { Db } from '../db/database.js'
import { untilAnswered } from '../db/provide.js'
import type { Log } from '../lib/log.js'
import { type Invitation, inviteUser, nameAsKept, resetUser } from './invitations.js'
import { hashOfSecret, newSecret } from './secrets.js'
import { disableUser, enableUser, type UserDeps } from './users.js'

/** How long the first address is valid, ms. */
const VALID_MS = 1_800_000

/** The actor of the first invitation: a person who has the address that the console printed. */
export const SETUP: Actor = { name: 'setup', way: 'console', roles: ['administrator'] }

/** Lets one person in while no user can sign in yet. It lives in the memory of one process only. */
export class FirstUser {
  /** The last part of the address. It is printed and not stored. */
  readonly secret: Secret = newSecret()
  /** The name of the user who was invited last. */
  invited: string | undefined
  readonly #until: number
  /** Settles when the earlier requests are done. So requests run in order, and the last one counts. */
  #before: Promise<unknown> = Promise.resolve()

  private constructor(at: number) {
    this.#until = at + VALID_MS
  }

  /** Returns undefined if a user can sign in already. */
  static async awaited({ db, clock }: UserDeps): Promise<FirstUser | undefined> {
    return (await someoneIsIn(db)) ? undefined : new FirstUser(clock.now())
  }

  /**
   * Makes the first user, with every role. The address stays valid until a user can sign in. So a person who closes the
   * page before setting a passphrase can begin again. Only the last link is valid, and users of other names are
   * disabled.
   *
   * @throws AppError `sign-in.refused` if the address is wrong or too old, or a user can sign in by now; as
   *   `inviteUser`
   */
  invite(deps: UserDeps, secret: string, name: string): Promise<Invitation> {
    const invited = this.#before.then(() => this.#invite(deps, secret, name))
    this.#before = invited.catch(() => undefined)
    return invited
  }

  async #invite(deps: UserDeps, secret: string, typed: string): Promise<Invitation> {
    const name = nameAsKept(typed)
    if (deps.clock.now() > this.#until || !this.#is(secret) || (await someoneIsIn(deps.db)))
      throw invalidAddress()
    const invitation = await inviteOrReset(deps, name)
    this.invited = invitation.name
    for (const other of await invitedBefore(deps.db))
      if (other.name !== name && !other.disabled) await disableUser(deps, SETUP, other.name)
    return invitation
  }

  #is(secret: string): boolean {
    const [given, own] = [hashOfSecret(secret), hashOfSecret(this.secret.reveal())!]
    return given !== undefined && timingSafeEqual(given, own)
  }
}

/** As `FirstUser.awaited`, for the start of the console: waits while the database is away. */
export const awaitFirstUser = (deps: UserDeps & { log: Log }): Promise<FirstUser | undefined> =>
  untilAnswered(() => FirstUser.awaited(deps), deps.log)

/** True if a user can sign in. */
export const someoneIsIn = async (db: Db): Promise<boolean> =>
  (await db.selectFrom('user_credential').select('user_id').limit(1).executeTakeFirst()) !== undefined

async function inviteOrReset(deps: UserDeps, name: string): Promise<Invitation> {
  const known = (await invitedBefore(deps.db)).find(one => one.name === name)
  if (known?.disabled) await enableUser(deps, SETUP, name)
  return known ? resetUser(deps, SETUP, name) : inviteUser(deps, SETUP, { name, roles: ROLES })
}

/** Lists users that the first address has made. */
async function invitedBefore(db: Db): Promise<{ name: string; disabled: boolean }[]> {
  const rows = await db
    .selectFrom('user')
    .select(['name', 'disabled_at'])
    .where('made_by', '=', SETUP.name)
    .execute()
  return rows.map(({ name, disabled_at }) => ({ name, disabled: disabled_at !== null }))
}

const invalidAddress = () =>
  new AppError(
    'sign-in.refused',
    'This address is not valid any more. On this host, consentry user add NAME --role administrator makes the first user.',
  )
