/**
 * Replaces `synchronous_commit = off` of a database or a role, so that commits are on disk. All other values wait at least for
 * this disk, so they stay. For example, `remote_apply` also waits for another server.
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

/** Settings of each connection in the pool. */
export const POOL_SETTINGS = [NO_PARAMETERS, DURABLE, READ_COMMITTED].join(';')

/**
 * Settings of each connection outside the pool. They are statements, because poolers refuse connection options. The first one
 * frees the locks of a frozen service. The next four free the locks of a client that is gone: a dead host is noticed within
 * 25 s.
 */
export const CONNECTION_SETTINGS = [
  'set idle_in_transaction_session_timeout = 10000',
  'set client_connection_check_interval = 1000',
  'set tcp_keepalives_idle = 10',
  'set tcp_keepalives_interval = 5',
  'set tcp_keepalives_count = 3',
  NO_PARAMETERS,
  DURABLE,
  READ_COMMITTED,
].join(';')
