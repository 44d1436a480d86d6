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
export const CONNECTION_SETTINGS = [
  'set idle_in_transaction_session_timeout = 10000',
  MAY_BE_IDLE,
  POOL_SETTINGS,
].join(';')
