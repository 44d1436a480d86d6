/**
 * What is committed is on the disk. A database or a role may say otherwise; whoever connects says it again. Every other value
 * than `off` waits for this disk at least, and `remote_apply` for another one as well, so that it stays.
 */
const DURABLE = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') = 'off'`

/**
 * Each statement sees what is committed by then: whoever marks for destruction takes a lock first, so that the statement after it
 * sees every hold. Under another default of database or role, all statements of a transaction would see what its first one did.
 */
const READ_COMMITTED = `set default_transaction_isolation = 'read committed'`

/** Settings of a connection of the pool. */
export const POOLED = [DURABLE, READ_COMMITTED].join(';')

/**
 * Settings of a connection of one's own. They are statements, not options of the connection, because poolers refuse the
 * latter. A frozen service must not keep its locks; a backend whose client has gone must not wait on, nor hold locks for a
 * host that lost its power: within 25 s nothing answers for that. A parameter of a failed statement may be a number.
 */
export const SESSION = [
  'set idle_in_transaction_session_timeout = 10000',
  'set client_connection_check_interval = 1000',
  'set tcp_keepalives_idle = 10',
  'set tcp_keepalives_interval = 5',
  'set tcp_keepalives_count = 3',
  'set log_parameter_max_length_on_error = 0',
  DURABLE,
  READ_COMMITTED,
].join(';')
