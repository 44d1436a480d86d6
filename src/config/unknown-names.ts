import { nearest } from '../shared/nearest.js'

const PREFIX = 'CONSENTRY_'

/** A variable that looks like a setting and is none, so that what was meant by it does not hold. */
export interface UnknownName {
  name: string
  /** The setting that may have been meant. */
  meant: string | undefined
}

/**
 * The variables that begin like ours and are none of these names. Their values are not looked at.
 *
 * @param known every name that is read, also those that begin otherwise: `CONSENTRY_DATABASE_URL` is a slip like any other
 */
export function findUnknownNames(
  env: Record<string, string | undefined>,
  known: readonly string[],
): UnknownName[] {
  const bare = new Map(known.map(name => [withoutPrefix(name), name]))
  return Object.keys(env)
    .filter(name => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map(name => ({ name, meant: bare.get(nearest(withoutPrefix(name), bare.keys()) ?? '') }))
}

const withoutPrefix = (name: string) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name)
