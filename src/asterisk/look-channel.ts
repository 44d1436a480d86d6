import { randomUUID } from 'node:crypto'

/** Prefix of the id of a channel that only serves to query the dialplan. No PBX gives out such ids. */
const PREFIX = 'consentry-look-'

/** Id for a new channel that only serves to query the dialplan. */
export const newLookChannel = (): string => `${PREFIX}${randomUUID()}`

/** Whether a channel only serves to query the dialplan. Its events concern no call. */
export const isLookChannel = (channel: string): boolean => channel.startsWith(PREFIX)
