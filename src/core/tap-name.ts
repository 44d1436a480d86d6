import { basename } from 'node:path'

/**
 * Name of a tap in the journal: the random name of its pipes. The log publishes it, so it has no folder. Older versions journalled the path,
 * of which this makes the name, too.
 *
 * @param tap path prefix of the pipes, or a name
 */
export const tapName = (tap: string): string => basename(tap)
