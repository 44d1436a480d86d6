import { basename } from 'node:path'

/**
 * Name of a tap in the journal: the random name of its pipes. The log publishes it, so it has no folder.
 *
 * @param tap path prefix of the pipes
 */
export const tapName = (tap: string): string => basename(tap)
