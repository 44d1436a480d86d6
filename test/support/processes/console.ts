import { join } from 'node:path'
import type { Test } from 'tap'
import type { JournalledDeps } from '../../../src/accounts/deps.js'
import { addToken } from '../../../src/accounts/tokens.js'
import { readConfig } from '../../../src/config/config.js'
import { consoleApp } from '../../../src/console/app.js'
import type { App, ConsoleDeps } from '../../../src/console/deps.js'
import { ROLES, type Role } from '../../../src/core/actor.js'
import { systemClock } from '../../../src/core/clock.js'
import type { Connection } from '../../../src/db/connection.js'
import { openDatabase } from '../../../src/db/database.js'
import { openKeyStore } from '../../../src/vault/keys/key-store.js'
import { openStore } from '../../../src/vault/store/store.js'
import { person } from '../data/actors.js'
import { startTestJournal } from '../data/journal.js'
import { told } from '../data/told-events.js'
import { CONNECTION_LIMIT_MS } from './connection-limit.js'
import { scratch, silent, testDatabase } from './database.js'
import { ffmpeg } from './ffmpeg.js'
import { type Browser, browserOf } from './people.js'

/** A console without a socket, on a real database with the console's role. */
export interface TestConsole {
  app: App
  deps: ConsoleDeps
  /** What the command works with: the same database with the service's role. */
  admin: JournalledDeps
  /** The same database, with the service's role. */
  serviceUrl: string
  /** A connection to it with the role that owns its tables. */
  asOwner: Connection
  /** The process of the database. */
  databasePid: number
  /** A token of each role, for an Authorization header. */
  tokens: Record<Role, string>
  /** Makes a person with a role who has signed in. */
  people(role: Role): Promise<Browser>
  /** What the journal has of requests, in order. */
  requests(): Promise<Record<string, unknown>[]>
  /** What the journal has of requests since this was last asked, in order. */
  newRequests(): Promise<Record<string, unknown>[]>
}

/**
 * @param changes parts that replace the real ones
 * @param settings more settings of the environment
 * @param named what the names of tokens and people end in
 */
export async function testConsole(
  t: Test,
  changes: Partial<ConsoleDeps> = {},
  settings: Record<string, string> = {},
  named = '',
): Promise<TestConsole> {
  const { server, asOwner } = await testDatabase(t)
  const config = readConfig(
    { CONSENTRY_DATA: join(await scratch(t), 'data'), CONSENTRY_FFMPEG: ffmpeg, ...settings },
    'tool',
  )
  const db = openDatabase(server.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const marking = { ifMissing: 'nothing kept yet' } as const
  const deps: ConsoleDeps = {
    ...{ config, db, clock: systemClock, log: silent },
    journal: startTestJournal(t, server.consoleUrl),
    store: await openStore(config.store, marking),
    keyStore: await openKeyStore(config.keystore, marking),
    ...changes,
  }
  const serviceDb = openDatabase(server.url, CONNECTION_LIMIT_MS)
  t.teardown(() => serviceDb.close())
  const admin = { db: serviceDb, journal: startTestJournal(t, server.url), clock: systemClock }
  const tokens = {} as Record<Role, string>
  for (const role of ROLES) {
    const token = await addToken(admin, person('anna'), {
      name: `${role}${named}`,
      roles: [role],
      expiresAt: null,
    })
    tokens[role] = `Bearer ${token.reveal()}`
  }
  const app = await consoleApp(deps)
  t.teardown(() => app.close())
  let [made, seen] = [0, 0]
  const requestsAfter = (id: number) =>
    told(deps.db)
      .select(['id', 'data'])
      .where('type', '=', 'console.requested')
      .where('id', '>', id)
      .orderBy('id')
      .execute()
  return {
    people: role => browserOf(deps, `${role}${named}-${++made}`, [role]),
    ...{ app, deps, admin, tokens, serviceUrl: server.url, asOwner, databasePid: server.pid },
    requests: async () => (await requestsAfter(0)).map(({ data }) => data),
    async newRequests() {
      const rows = await requestsAfter(seen)
      seen = rows.at(-1)?.id ?? seen
      return rows.map(({ data }) => data)
    },
  }
}
