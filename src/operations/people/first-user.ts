import { timingSafeEqual } from 'node:crypto'
import type { Db } from '../../db/database.js'
import { type Actor, ROLES } from '../../shared/actor.js'
import { AppError } from '../../shared/errors.js'
import type { Secret } from '../../shared/secret.js'
import type { JournalledDeps } from '../deps.js'
import { type Invitation, inviteUser, resetUser } from './invitations.js'
import { hashOfSecret, newSecret } from './secrets.js'

/** How long the first address is valid, ms. */
const VALID_MS = 1_800_000

/** Who makes the first user: whoever has the address that the console printed. */
export const SETUP: Actor = { name: 'setup', way: 'console', roles: ['administrator'] }

/** Lets one person in where nobody can sign in yet. It lives in the memory of one process only. */
export class FirstUser {
  /** The last part of the address. It is printed, and nowhere stored. */
  readonly secret: Secret = newSecret()
  /** The name of whoever was let in. */
  invited: string | undefined
  readonly #until: number
  #used = false

  private constructor(at: number) {
    this.#until = at + VALID_MS
  }

  /** @returns undefined if somebody can sign in already */
  static async awaited({ db, clock }: Pick<JournalledDeps, 'db' | 'clock'>): Promise<FirstUser | undefined> {
    return (await someoneIsIn(db)) ? undefined : new FirstUser(clock.now())
  }

  /**
   * Makes the first user, with every role. The address is used up. Who closes the page before a passphrase is set begins again with the
   * address that the console prints after its next start, under the same name.
   *
   * @throws AppError `sign-in.refused` if the address is wrong, too old or used, or somebody can sign in by now; as `inviteUser`: then it can be
   *   used again
   */
  async invite(deps: JournalledDeps, secret: string, name: string): Promise<Invitation> {
    if (this.#used || deps.clock.now() > this.#until || !this.#is(secret)) throw invalidAddress()
    // Set before anything is awaited, so that of two requests at once one gets in.
    this.#used = true
    try {
      if (await someoneIsIn(deps.db)) throw invalidAddress()
      const invitation = await inviteOrReset(deps, name)
      this.invited = invitation.name
      return invitation
    } catch (error) {
      this.#used = false
      throw error
    }
  }

  #is(secret: string): boolean {
    const [given, own] = [hashOfSecret(secret), hashOfSecret(this.secret.reveal())!]
    return given !== undefined && timingSafeEqual(given, own)
  }
}

/** Whether somebody can sign in. */
export const someoneIsIn = async (db: Db): Promise<boolean> =>
  (await db.selectFrom('user_credential').select('user_id').limit(1).executeTakeFirst()) !== undefined

async function inviteOrReset(deps: JournalledDeps, name: string): Promise<Invitation> {
  const known = await deps.db
    .selectFrom('user')
    .select('id')
    .where('name', '=', name)
    .where('made_by', '=', SETUP.name)
    .executeTakeFirst()
  return known ? resetUser(deps, SETUP, name) : inviteUser(deps, SETUP, { name, roles: ROLES })
}

const invalidAddress = () =>
  new AppError(
    'sign-in.refused',
    'This address is not valid any more. On this host, consentry user add NAME --role administrator makes the first user.',
  )
