import { nearestName } from '../lib/nearest.js'

const PREFIX = 'CONSENTRY_'

/** A variable that looks like a setting but is not read. */
export interface UnknownName {
  name: string
  /** The most similar setting; undefined if none is similar. */
  meant: string | undefined
}

/**
 * Finds variables that begin with `CONSENTRY_` but are not read. Their values are not used.
 *
 * @param known all names that are read, with any prefix: `CONSENTRY_DATABASE_URL` may mean `DATABASE_URL`
 */
export function findUnknownNames(
  env: Record<string, string | undefined>,
  known: readonly string[],
): UnknownName[] {
  const bare = new Map(known.map(name => [withoutPrefix(name), name]))
  return Object.keys(env)
    .filter(name => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map(name => ({ name, meant: bare.get(nearestName(withoutPrefix(name), bare.keys()) ?? '') }))
}

const withoutPrefix = (name: string) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name)
