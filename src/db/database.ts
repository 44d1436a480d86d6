// This room talks to PostgreSQL: it starts the embedded server, checks the configured one, migrates the schema, and gives the
// other rooms a pool (`Database`), single connections (`Connection`), turns of transactions (`takeTurn`) and locks of sessions
// (`trySessionLock`). The other rooms write their own SQL.

import { Kysely, PostgresDialect } from 'kysely'
import { systemClock } from '../core/clock.js'
import { Secret } from '../core/secret.js'
import { sleep } from '../lib/retry.js'
import { CONNECT_MS, type Connection, columnTypes, connect, POOL_SETTINGS } from './connection.js'
import { makePool } from './servers.js'
import type { Tables } from './tables.js'

export { type RawBuilder, sql } from 'kysely'

/**
 * Maximum number of connections in the pool. The journal, the listener and migrations have connections of their own.
 */
const POOL_CONNECTIONS = 5

/** The database or a transaction, as functions that read or write tables receive it. */
export type Db = Kysely<Tables>

/** The service's database: a pool of connections, plus single connections and notifications. */
export class Database extends Kysely<Tables> {
  readonly #url: Secret

  constructor(url: Secret, connectMs: number) {
    const pool = makePool(
      url.reveal(),
      {
        application_name: 'consentry',
        max: POOL_CONNECTIONS,
        connectionTimeoutMillis: connectMs,
        types: columnTypes,
      },
      POOL_SETTINGS,
    )
    super({ dialect: new PostgresDialect({ pool }) })
    this.#url = url
  }

  /** Calls `onChange` when `channel` is notified, and after each (re)connection. */
  listen(channel: string, onChange: () => void): Subscription {
    return listen(() => connect(this.#url, `listen ${channel}`), channel, onChange)
  }

  /**
   * Opens a connection outside the pool. The caller closes it.
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
 * Opens the pool. Connections are made when they are first needed.
 *
 * @param connectMs how long a query may wait for a connection of the pool, ms
 */
export const openDatabase = (url: Secret | string, connectMs = CONNECT_MS): Database =>
  new Database(url instanceof Secret ? url : new Secret(url), connectMs)

/** Wait before connecting again, ms. Short, so that a change is seen within two seconds. */
const RETRY_MS = 1_000

/** A subscription to a NOTIFY channel, until `stop`. */
interface Subscription {
  stop(): Promise<void>
}

/**
 * Listens on a connection of its own, and connects again when the connection is lost.
 *
 * @param channel a constant identifier, because it becomes part of the SQL text
 * @param onChange called on each notification and after each (re)connection, because notifications may have been missed
 */
function listen(open: () => Promise<Connection>, channel: string, onChange: () => void): Subscription {
  const stopping = new AbortController()
  let connection: Connection | undefined

  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        const opened = await open()
        connection = opened
        if (stopping.signal.aborted) opened.cut()
        const lost = new Promise<void>(resolve => opened.onLost(resolve))
        opened.onNotification(onChange)
        await opened.query(`listen ${channel}`)
        if (stopping.signal.aborted) break
        onChange()
        // `stop` cuts the connection, which ends this wait too.
        await lost
      } catch {
        // The connection failed or was lost. The next round tries again.
      }
      await sleep(systemClock, RETRY_MS, stopping.signal)
    }
  }
  const running = run()

  return {
    async stop() {
      stopping.abort()
      connection?.cut()
      await running
    },
  }
}
