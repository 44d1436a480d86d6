import pg from 'pg'
import { AppError } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import { Client, type ClientOptions } from './client.js'
import { connectionFailed, describeFailure } from './failure.js'
import { type ChosenServer, chooseServer, requirePrimary } from './servers.js'
import { watchdog } from './watchdog.js'

const INT8 = 20
const DATE = 1082

const parsers = new Map<number, (text: string) => unknown>([
  // Ids and counts stay below 2^53, so a number holds them.
  [INT8, Number],
  // A day has no time zone, so it stays text, `2026-01-31`, and is not converted to a Date.
  [DATE, text => text],
])

/** Parsers for column values; pg's own for all other types. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** How long connecting may take, ms. A database on this host takes 10 ms, one on a near network 100 ms. */
export const CONNECT_MS = 2_000

/** The result of one statement. */
export interface QueryResult<Row> {
  rows: Row[]
  /** The command that the database reports. For a failed commit this is `ROLLBACK`. */
  command: string
}

/**
 * A connection with one user, as the journal, session locks and LISTEN need it. Queries sent without waiting are
 * pipelined and run in order.
 */
export interface Connection {
  /** @param name makes a prepared statement with this name. The text must then be constant. */
  query<Row>(text: string, values?: unknown[], name?: string): Promise<QueryResult<Row>>
  /** Calls back once when the connection ends, unless `close` ended it. */
  onLost(callback: () => void): void
  onNotification(callback: () => void): void
  /** Destroys the connection at once. Running statements reject. */
  cut(): void
  /** Closes the connection in order, or destroys it if the database does not answer. */
  close(): Promise<void>
}

const plainUrl = (url: Secret | string): string => (url instanceof Secret ? url.reveal() : url)

/**
 * Makes a client that is not connected yet.
 *
 * @throws AppError `config.invalid` if the URL is malformed or names a certificate that cannot be read
 */
export function newClient(options: ClientOptions): Client {
  try {
    return new Client(options)
  } catch (error) {
    // The constructor reads the certificates that the URL names.
    const { path } = error as NodeJS.ErrnoException
    const why = path === undefined ? 'is malformed' : `names a certificate that cannot be read: ${path}`
    throw new AppError('config.invalid', `The database's URL ${why} (${describeFailure(error)}).`)
  }
}

/**
 * Opens a connection outside the pool. The caller closes it. If the URL names several servers, each is tried until one
 * accepts writes.
 *
 * @param purpose shown to the database as application name
 * @throws AppError `db.unavailable`; `config.invalid` as `newClient`
 */
export async function connect(url: Secret | string, purpose: string): Promise<Connection> {
  for (let tried = 1; ; tried += 1) {
    const server = chooseServer(plainUrl(url))
    try {
      return await connectTo(server, purpose)
    } catch (error) {
      server.leave()
      if (tried >= server.count) throw error
    }
  }
}

async function connectTo(server: ChosenServer, purpose: string): Promise<Connection> {
  const client = newClient({
    connectionString: server.url,
    application_name: `consentry ${purpose}`,
    pipeline: true,
    settings: CONNECTION_SETTINGS,
    types: columnTypes,
  })
  const cancelWatchdog = watchdog(CONNECT_MS, () =>
    client.cut(new Error(`no answer within ${CONNECT_MS} ms`)),
  )
  try {
    await client.connect()
    if (server.count > 1) await requirePrimary(client)
  } catch (error) {
    client.cut()
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
    // An idle client reports a lost connection as an error event, then as an end event.
    onLost: callback => void client.once('end', () => closing || callback()),
    onNotification: callback => void client.on('notification', callback),
    cut: () => client.cut(),
    async close() {
      closing = true
      await client.end()
    },
  }
}

/**
 * Replaces `synchronous_commit = off` of a database or a role, so that commits are on disk. All other values stay,
 * because they wait at least for this disk. For example, `remote_apply` also waits for another server.
 */
const DURABLE = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off'`

/**
 * Each statement must see all earlier commits: after a destruction has taken its lock, its next statement must see every hold.
 * Under a stricter default of a database or a role, all statements would see only what the first one saw.
 */
const READ_COMMITTED = `set default_transaction_isolation = 'read committed'`

/** Parameters may hold a caller's number, and so are kept out of the server's log. */
const NO_PARAMETERS = 'set log_parameter_max_length_on_error = 0'

/**
 * These settings end the statement, and free the locks, of a client that is gone: one that closed the connection within
 * a second, a dead host or a broken network within 25 s.
 */
const CLIENT_GONE = [
  'set client_connection_check_interval = 1000',
  'set tcp_keepalives_idle = 10',
  'set tcp_keepalives_interval = 5',
  'set tcp_keepalives_count = 3',
]

/** Settings of each connection in the pool. They are statements, because poolers refuse connection options. */
export const POOL_SETTINGS = [...CLIENT_GONE, NO_PARAMETERS, DURABLE, READ_COMMITTED].join(';')

/**
 * A connection that holds a lock sends nothing else for hours. A server that ends idle sessions would free the lock.
 */
const MAY_BE_IDLE = 'set idle_session_timeout = 0'

/** Settings of each connection outside the pool. The first one frees the locks of a frozen service. */
const CONNECTION_SETTINGS = [
  'set idle_in_transaction_session_timeout = 10000',
  MAY_BE_IDLE,
  POOL_SETTINGS,
].join(';')
