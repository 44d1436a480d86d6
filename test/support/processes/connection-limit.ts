/** How long a test waits for a connection to its database, ms: on a busy machine forty callers may want one at once. */
export const CONNECTION_LIMIT_MS = 60_000
