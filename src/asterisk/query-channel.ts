import { randomUUID } from 'node:crypto'

/** Prefix of the id of a channel that only serves to query the dialplan. No PBX gives out such ids. */
const PREFIX = 'consentry-query-'

/** Id for a new channel that only serves to query the dialplan. */
export const newQueryChannel = (): string => `${PREFIX}${randomUUID()}`

/** Whether a channel only serves to query the dialplan. Its events concern no call. */
export const isQueryChannel = (channel: string): boolean => channel.startsWith(PREFIX)
