import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { Secret } from '../shared/secret.js'
import { CONNECT_MS, type Connection, connect } from './connection.js'
import type { Subscription } from './listen.js'
import { listen } from './listen.js'
import { POOL_SETTINGS } from './session.js'
import type { Tables } from './tables.js'
import { columnTypes } from './types.js'

export { type RawBuilder, sql } from 'kysely'

/** Readers at once. The journal, the listener and migrations have connections of their own. */
const POOL_CONNECTIONS = 5

/** What functions that read or write tables take: the database, or a transaction of it. */
export type Db = Kysely<Tables>

/** The service's database: a pool of connections, and the way to hear of changes. */
export class Database extends Kysely<Tables> {
  readonly #url: Secret

  constructor(url: Secret, connectMs: number) {
    const pool = new pg.Pool({
      connectionString: url.reveal(),
      application_name: 'consentry',
      max: POOL_CONNECTIONS,
      connectionTimeoutMillis: connectMs,
      types: columnTypes,
      verify: (client, done) => void client.query(POOL_SETTINGS).then(() => done(), done),
    })
    // A pooled connection that breaks while idle is replaced by the pool; whoever uses one gets the error himself.
    pool.on('error', () => undefined)
    super({ dialect: new PostgresDialect({ pool }) })
    this.#url = url
  }

  /** Calls `onChange` whenever `channel` is notified, and after every gap in listening. */
  listen(channel: string, onChange: () => void): Subscription {
    return listen(() => connect(this.#url, `listen ${channel}`), channel, onChange)
  }

  /**
   * A connection of one's own; whoever opens it closes it.
   *
   * @param purpose shown to the database as application name
   * @throws AppError `db.unavailable`
   */
  connect(purpose: string): Promise<Connection> {
    return connect(this.#url, purpose)
  }

  close(): Promise<void> {
    return this.destroy()
  }
}

/**
 * Opens the pool; connections come about when they are first needed.
 *
 * @param connectMs how long a query may wait for a connection of the pool, ms
 */
export const openDatabase = (url: Secret | string, connectMs = CONNECT_MS): Database =>
  new Database(url instanceof Secret ? url : new Secret(url), connectMs)
