/** Longest time to wait for a database connection, ms. On a busy machine forty callers may need one at once. */
export const CONNECTION_LIMIT_MS = 60_000
