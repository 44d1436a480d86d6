import { randomUUID } from 'node:crypto'

/** Begins the id of a channel that is only asked about the dialplan. No PBX gives out ids that begin so. */
const PREFIX = 'consentry-look-'

/** The id of a new channel that is only asked about the dialplan. */
export const newLookChannel = (): string => `${PREFIX}${randomUUID()}`

/** Whether a channel was made to look into the dialplan. Nothing that happens to it concerns a call. */
export const isLookChannel = (channel: string): boolean => channel.startsWith(PREFIX)
