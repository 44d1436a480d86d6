import { join } from 'node:path'
import type { Test } from 'tap'
import { addReadyUser, type Credentials } from '../../../lab/lab-admin.js'
import type { PeopleDeps, PersonActor } from '../../../src/accounts/account-deps.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { openSession } from '../../../src/accounts/sessions.js'
import { signIn } from '../../../src/accounts/sign-in.js'
import type { App } from '../../../src/console/deps.js'
import type { Role } from '../../../src/core/actor.js'
import type { EventType } from '../../../src/core/events.js'
import { newUserId } from '../../../src/core/ids.js'
import { Secret } from '../../../src/core/secret.js'
import { openDatabase } from '../../../src/db/database.js'
import { startTestJournal } from '../data/journal.js'
import { told } from '../data/told-events.js'
import { FakeClock } from '../fakes/fake-clock.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'
import { scratch, testDatabase } from './database.js'

/** A person who has signed in, for requests without a socket. */
export interface Browser {
  actor: PersonActor
  /** Headers of a request that a page of the console sends. */
  headers: { cookie: string; 'sec-fetch-site': string }
}

/** The headers of a request with this session, as a page of the console sends it. */
export const fromPage = (secret: string): Browser['headers'] => ({
  cookie: `consentry=${secret}`,
  'sec-fetch-site': 'same-origin',
})

/** Makes a user with an open session, without a passphrase, which would cost time. */
export async function browserOf(deps: PeopleDeps, name: string, roles: Role[]): Promise<Browser> {
  const user = newUserId()
  const at = deps.clock.now()
  const row = { id: user, name, roles, made_at: new Date(at), made_by: 'test' }
  await deps.db.insertInto('user').values(row).execute()
  const { id: session, secret } = await openSession(deps.db, { user, address: '127.0.0.1', at })
  return { actor: { name, way: 'console', roles, user, session }, headers: fromPage(secret.reveal()) }
}

/** A user who can sign in, and what is needed for that. */
export const readyUser = (
  deps: PeopleDeps,
  name: string,
  roles: Role[] = ['supervisor'],
): Promise<Credentials> => addReadyUser(deps, { name, roles })

/** The body of a sign-in with the code of a moment. @param at ms since the epoch */
export const bodyOf = ({ user, password, totp }: Credentials, at: number) => ({
  ...{ name: user, passphrase: password, code: codeAt(totp, at) },
})

/** Signs in by the API. @param remoteAddress from which the request comes */
export const signInBy = (app: App, payload: object, headers: object = {}, remoteAddress = '127.0.0.1') =>
  app.inject({ method: 'POST', url: '/api/v1/session', headers: { ...headers }, payload, remoteAddress })

/** The session in a Set-Cookie header. */
export const cookieValue = (header: unknown): string => /^[\w-]+=([\w-]*);/.exec(String(header))?.[1] ?? ''

/** Length of a step of the second factor, ms. */
export const STEP_MS = 30_000

/** People on a real database with the console's role, and a clock that the test moves. */
export async function peopleSetup(t: Test, settings: { secondFactor?: 'required' | 'optional' } = {}) {
  const { server } = await testDatabase(t)
  const db = openDatabase(server.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const clock = new FakeClock()
  const config = { data: join(await scratch(t), 'data'), secondFactor: 'required' as const, ...settings }
  const deps = { db, clock, config, journal: startTestJournal(t, server.consoleUrl) }
  return {
    ...{ deps, clock, server },
    /** A user who can sign in. */
    ready: (name: string, roles: Role[] = ['supervisor'], passphrase?: string) =>
      addReadyUser(deps, { name, roles, passphrase }),
    /** Signs in from an address. */
    enter: (
      { user, password }: { user: string; password: string },
      { code, address = '10.0.0.1' }: { code?: string | undefined; address?: string },
    ) =>
      signIn(deps, {
        ...{ name: user, passphrase: new Secret(password), address },
        ...(code !== undefined && { code: new Secret(code) }),
      }),
    /** What the journal has of a type, or all of it, in order. */
    async events(type?: EventType): Promise<Record<string, unknown>[]> {
      let query = told(db).select(['data']).orderBy('id')
      if (type) query = query.where('type', '=', type)
      return (await query.execute()).map(({ data }) => data)
    },
  }
}
