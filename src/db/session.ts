/**
 * Overrules a database or a role that has `synchronous_commit = off`, so that commits are on the disk. Every other value
 * waits for this disk at least, so it stays: `remote_apply` waits for another server as well.
 */
const DURABLE = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off'`

/**
 * Each statement sees what is committed by then. Whoever marks for destruction takes a lock first, and the next statement must
 * see every hold. Under another default of database or role, all statements of a transaction see what its first one saw.
 */
const READ_COMMITTED = `set default_transaction_isolation = 'read committed'`

/** Settings of a connection of the pool. */
export const POOL_SETTINGS = [DURABLE, READ_COMMITTED].join(';')

/**
 * Settings of a connection outside the pool. They are statements, not connection options, because poolers refuse options. A
 * frozen service must not keep its locks. A backend must not wait for a client that is gone, nor hold its locks: a host
 * without power is noticed within 25 s. Parameters of failed statements stay out of the log, for they may hold a caller's
 * number.
 */
export const CONNECTION_SETTINGS = [
  'set idle_in_transaction_session_timeout = 10000',
  'set client_connection_check_interval = 1000',
  'set tcp_keepalives_idle = 10',
  'set tcp_keepalives_interval = 5',
  'set tcp_keepalives_count = 3',
  'set log_parameter_max_length_on_error = 0',
  DURABLE,
  READ_COMMITTED,
].join(';')
