import { randomBytes } from 'node:crypto'
import type { PeopleDeps } from '../src/accounts/account-deps.js'
import { beginAcceptance, completeAcceptance, inviteUser, resetUser } from '../src/accounts/invitations.js'
import type { HashCost } from '../src/accounts/passphrases.js'
import { codeAt } from '../src/accounts/second-factor.js'
import { type Actor, ROLES, type Role } from '../src/core/actor.js'
import { systemClock } from '../src/core/clock.js'
import { codeOf } from '../src/core/errors.js'
import { Secret } from '../src/core/secret.js'
import { openDatabase } from '../src/db/database.js'
import { startJournal } from '../src/journal/journal.js'
import type { Log } from '../src/lib/log.js'

/** Credentials of a user of the console. */
export interface Credentials {
  user: string
  password: string
  /** The secret of the second factor, base32. `codeAt` makes its codes. */
  totp: string
}

/** A user to make. `passphrase`: drawn if it is not given. */
interface ReadyUser {
  name: string
  roles: readonly Role[]
  passphrase?: string | undefined
}

/** The actor of the lab's changes: a person at the lab's command line. */
const LAB: Actor = { name: 'lab', way: 'command', roles: ['superuser'] }
/**
 * Cost of the hash of a passphrase. A low cost suffices, because passphrases of a lab have 120 random bits or belong to
 * no person.
 */
const LITTLE: HashCost = { memoryCost: 1_024, timeCost: 1, parallelism: 1 }
/** Length of a step of the second factor, ms. */
const STEP_MS = 30_000

/**
 * Makes a user who can sign in at once, by an invitation that is accepted here. The code of the present moment stays
 * unused.
 *
 * @param deps with the console's role of the database
 * @returns newly drawn credentials; those of an earlier lab are void
 * @throws AppError `request.invalid`, `journal.*`, `sign-in.busy`
 */
export async function addReadyUser(
  deps: PeopleDeps,
  { name, roles, passphrase }: ReadyUser,
): Promise<Credentials & { recoveryCodes: string[] }> {
  const { secret: link } = await inviteUser(deps, LAB, { name, roles }).catch((error: unknown) => {
    if (codeOf(error) === 'request.invalid') return resetUser(deps, LAB, name)
    throw error
  })
  const { totp } = await beginAcceptance(deps, link)
  const password = passphrase ?? randomBytes(15).toString('base64url')
  // The code of the previous step is valid, too. Each step counts once, and a test signs in within the present one.
  const code = new Secret(codeAt(totp.reveal(), deps.clock.now() - STEP_MS))
  const acceptance = { link, passphrase: new Secret(password), code }
  const { recoveryCodes } = await completeAcceptance(deps, acceptance, LITTLE)
  return { user: name, password, totp: totp.reveal(), recoveryCodes: recoveryCodes.reveal() }
}

/**
 * Makes the administrator of a lab, who has every role.
 *
 * @param url of the console's role of the database
 * @param data the data folder, which gets the console's key
 * @throws AppError as `addReadyUser`
 */
export async function addLabAdmin({
  url,
  data,
  log,
}: {
  url: string
  data: string
  log: Log
}): Promise<Credentials> {
  const db = openDatabase(url)
  const journal = startJournal(new Secret(url), log)
  try {
    const config = { data, secondFactor: 'required' as const }
    const deps = { db, journal, clock: systemClock, config }
    const { user, password, totp } = await addReadyUser(deps, { name: 'admin', roles: ROLES })
    return { user, password, totp }
  } finally {
    await journal.stop()
    await db.close()
  }
}
