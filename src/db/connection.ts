import { Socket } from 'node:net'
import pg from 'pg'
import { AppError } from '../shared/errors.js'
import { Secret } from '../shared/secret.js'
import { describeFailure, connectionFailed } from './failure.js'
import { CONNECTION_SETTINGS } from './session.js'
import { columnTypes } from './types.js'
import { watchdog } from './watchdog.js'

/** How long a connection may take to come about, ms: a database on this host needs 10, one in the next hall 100. */
export const CONNECT_MS = 2_000

/** How long leave-taking may take, ms: a database that does not answer would hold up the end of whoever takes leave. */
const CLOSE_MS = 1_000

/** The outcome of one statement; `command` is what the database says it did, `ROLLBACK` for a commit that failed. */
export interface QueryResult<Row> {
  rows: Row[]
  command: string
}

/**
 * One connection that nobody else uses: for the journal, for locks that must outlive a statement, and for LISTEN.
 * Statements that are sent without waiting travel together and are carried out in order.
 */
export interface Connection {
  /** @param name makes it a prepared statement of this connection: planned once, so the text must be constant */
  query<Row>(text: string, values?: unknown[], name?: string): Promise<QueryResult<Row>>
  /** Calls back once, when the connection has gone for whatever reason other than `close`. */
  onLost(callback: () => void): void
  onNotification(callback: () => void): void
  /** Throws the connection away at once, whatever the database is doing; statements under way reject. */
  cut(): void
  /** Takes leave of the database, or of one that does not answer without its word. */
  close(): Promise<void>
}

const plainUrl = (url: Secret | string): string => (url instanceof Secret ? url.reveal() : url)

/**
 * A client that is not connected yet.
 *
 * @throws AppError `config.invalid` for a URL that cannot be understood or names a certificate that cannot be read
 */
export function newClient(options: pg.ClientConfig & { pipeline?: boolean }): pg.Client {
  try {
    return new pg.Client(options)
  } catch (error) {
    // The constructor reads the certificates that the URL names.
    const { path } = error as NodeJS.ErrnoException
    const why = path === undefined ? 'it cannot be understood' : `${path} cannot be read`
    throw new AppError('config.invalid', `The database's URL: ${why} (${describeFailure(error)}).`)
  }
}

/**
 * Opens a connection of one's own.
 *
 * @param purpose shown to the database as application name
 * @throws AppError `db.unavailable`; `config.invalid` as `newClient`
 */
export async function connect(url: Secret | string, purpose: string): Promise<Connection> {
  const socket = new Socket()
  const client = newClient({
    connectionString: plainUrl(url),
    stream: () => socket,
    application_name: `consentry ${purpose}`,
    keepAlive: true,
    pipeline: true,
    types: columnTypes,
  })
  // An idle client reports a lost connection as an error event; `end` follows and tells the same.
  client.on('error', () => undefined)
  const cancelWatchdog = watchdog(CONNECT_MS, () => socket.destroy(new Error(`no answer within ${CONNECT_MS} ms`)))
  try {
    await client.connect()
    await client.query(CONNECTION_SETTINGS)
  } catch (error) {
    socket.destroy()
    throw connectionFailed(error, client)
  } finally {
    cancelWatchdog()
  }
  let closing = false
  return {
    async query<Row>(text: string, values?: unknown[], name?: string) {
      const result = await client.query({ text, ...(values && { values }), ...(name && { name }) })
      return { rows: result.rows as Row[], command: result.command }
    },
    onLost: callback => void client.once('end', () => closing || callback()),
    onNotification: callback => void client.on('notification', callback),
    cut: () => void socket.destroy(),
    async close() {
      closing = true
      const timer = setTimeout(() => socket.destroy(), CLOSE_MS)
      await client.end().finally(() => clearTimeout(timer))
    },
  }
}
