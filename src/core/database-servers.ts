/** A database's URL in the parts before its hosts, the hosts, and what follows. */
const PARTS = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)([\s\S]*)$/
/**
 * The required property of a connection's server (libpq). Consentry needs a server that accepts writes, so this value
 * and `primary` are the same.
 */
export const SESSION_ATTRIBUTES = 'target_session_attrs'

/**
 * The URLs of each server of a database. One URL may name several, as that of PostgreSQL's own programs may (libpq, "Specifying Multiple
 * Hosts"): `postgres://role:password@one:5432,two:5432/database?target_session_attrs=read-write`.
 *
 * @returns one URL for each server, in the given order
 */
export function serversIn(url: string): string[] {
  const [, before, hosts, after] = PARTS.exec(url) ?? []
  if (before === undefined || hosts === undefined || after === undefined || !hosts.includes(',')) return [url]
  return hosts.split(',').map(host => `${before}${host}${withoutAttributes(after)}`)
}

/** Removes `target_session_attrs` from the text after the hosts. */
function withoutAttributes(after: string): string {
  const [path = '', query] = after.split('?')
  const kept = (query ?? '').split('&').filter(one => one !== '' && !one.startsWith(`${SESSION_ATTRIBUTES}=`))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}
