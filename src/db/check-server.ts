import { AppError } from '../core/errors.js'
import type { Secret } from '../core/secret.js'
import type { Log } from '../lib/log.js'
import { type Connection, connect } from './connection.js'
import { describeFailure } from './failure.js'
import { watchdog } from './watchdog.js'

/** How long a connected database may take to answer all queries, ms. It usually takes a few ms. */
const ANSWER_MS = 5_000

interface ServerSettings {
  fsync: string
  pages: string
  verbosity: string
  /** How many bytes of each parameter the server logs; -1: all. Null if the server does not know the setting. */
  parameters: string | null
  statements: string
  /** Statements that take at least this long are logged, ms; -1: none. */
  slow: number
  /** A sample of the statements that take at least this long is logged, ms; -1: none. */
  sampled: number
  encrypted: boolean | null
  /** The server's address; null over a Unix socket. */
  address: string | null
  /** Name of the database if every role may connect to it; otherwise null. */
  open: string | null
}

const SELECT_SETTINGS = `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
  current_setting('log_error_verbosity') as verbosity,
  current_setting('log_parameter_max_length', true) as parameters, current_setting('log_statement') as statements,
  (select setting from pg_settings where name = 'log_min_duration_statement')::int as slow,
  (select setting from pg_settings where name = 'log_min_duration_sample')::int as sampled,
  (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted,
  host(inet_server_addr()) as address,
  case when has_database_privilege('public', current_database(), 'connect') then current_database() end as open`

/** A setting of the server, or of the way to it, that does harm. */
export interface ServerFault {
  /** The setting at fault. */
  setting: string
  /** What is wrong and what to do, for people. */
  message: string
}

const NO_SYNC: ServerFault = {
  setting: 'fsync',
  message:
    'The database does not sync commits to disk (fsync = off in postgresql.conf), so a consent could be lost after a recording began. Set fsync = on in postgresql.conf.',
}

/**
 * Finds what is wrong with the server, for checks of an installation.
 *
 * @param url connects as the service's role
 * @throws AppError `config.invalid` if a pooler shares the session; `db.unavailable`
 */
export async function findServerFaults(url: Secret): Promise<ServerFault[]> {
  const settings = await readSettings(url)
  return [...(settings.fsync === 'off' ? [NO_SYNC] : []), ...lesserFaults(settings)]
}

/**
 * Checks that the server syncs commits to disk, that no pooler shares our session, and that PostgreSQL's log gets no personal
 * data. `synchronous_commit` is not checked, because each connection sets it. Lesser faults are warnings in the service's log.
 *
 * @param url connects as the service's role
 * @throws AppError `config.invalid` if commits are not synced or a pooler shares the session; `db.unavailable`
 */
export async function checkServer(url: Secret, log: Log): Promise<void> {
  const settings = await readSettings(url)
  if (settings.fsync === 'off') throw new AppError('config.invalid', NO_SYNC.message)
  for (const { message } of lesserFaults(settings)) log.warn(message)
}

/** A database that stops answering counts as away, so that the start of the service tries again. */
async function readSettings(url: Secret): Promise<ServerSettings> {
  const connections: Connection[] = []
  const openConnection = async () => {
    const connection = await connect(url, 'check')
    connections.push(connection)
    return connection
  }
  const cancelWatchdog = watchdog(ANSWER_MS, () => {
    for (const connection of connections) connection.cut()
  })
  try {
    const connection = await openConnection()
    await refuseSharedSessions(connection, openConnection)
    const { rows } = await connection.query<ServerSettings>(SELECT_SETTINGS)
    return rows[0]!
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('db.unavailable', `The database does not answer: ${describeFailure(error)}`, {
      retryable: true,
      cause: error,
    })
  } finally {
    cancelWatchdog()
    await Promise.all(connections.map(connection => connection.close().catch(() => connection.cut())))
  }
}

function lesserFaults({
  pages,
  verbosity,
  parameters,
  statements,
  slow,
  sampled,
  encrypted,
  address,
  open,
}: ServerSettings): ServerFault[] {
  const found: ServerFault[] = []
  if (pages === 'off')
    found.push({
      setting: 'full_page_writes',
      message:
        'The database has full_page_writes = off: a power failure may damage it, unless its file system writes whole pages. Set full_page_writes = on.',
    })
  if (verbosity !== 'terse')
    found.push({
      setting: 'log_error_verbosity',
      message: `The database's log quotes rows, including callers' numbers (log_error_verbosity = ${verbosity}). As superuser, run "alter role … set log_error_verbosity = terse" for the service's role.`,
    })
  const logs = statements === 'all' || statements === 'mod' || slow >= 0 || sampled >= 0
  if (logs && parameters !== null && parameters !== '0')
    found.push({
      setting: 'log_parameter_max_length',
      message:
        'The database logs statements with their parameters, including callers\' numbers. As superuser, run "alter role … set log_parameter_max_length = 0" for the service\'s role.',
    })
  if (encrypted === false && address !== null && !isLocal(address))
    found.push({
      setting: 'DATABASE_URL',
      message:
        'The connection to the database crosses a network without encryption. Add sslmode=verify-full to DATABASE_URL.',
    })
  if (open !== null)
    found.push({
      setting: 'DATABASE_URL',
      message: `Every role may connect to the database, and could keep the locks for which the service waits. As its owner, run "revoke connect on database ${open} from public", after "grant connect" to the roles of service and console.`,
    })
  return found
}

const isLocal = (address: string): boolean => address === '::1' || address.startsWith('127.')

/**
 * Refuses a pooler that gives each transaction another session: LISTEN, locks and settings belong to a session. To
 * detect such a pooler, a second connection begins a transaction. If it got our session, our next statement runs in another.
 */
async function refuseSharedSessions(
  connection: Connection,
  openConnection: () => Promise<Connection>,
): Promise<void> {
  const backendPid = async (of: Connection) =>
    (await of.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
  const pidBefore = await backendPid(connection)
  const other = await openConnection()
  await other.query('begin')
  const otherPid = await backendPid(other)
  const pidAfter = otherPid === pidBefore ? undefined : await backendPid(connection)
  if (pidAfter === pidBefore) return
  throw new AppError(
    'config.invalid',
    'DATABASE_URL leads to a pooler that shares sessions between transactions. Connect to PostgreSQL directly, or set the pooler to one session for each connection (pool_mode = session).',
  )
}
