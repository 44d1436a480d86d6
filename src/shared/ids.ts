import { createHash, randomUUID } from 'node:crypto'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** One call that entered `Gosub(consentry,s,1)`; a UUID, also set on the channel as `CONSENTRY_CALL`. */
export type CallId = Branded<'CallId'>
/** One recording: what was recorded of one call for one purpose; a UUID. */
export type RecordingId = Branded<'RecordingId'>
/** One container file of a recording; a UUID. A recording has more than one after a restart. */
export type PartId = Branded<'PartId'>
/** One journal event; a UUID, so that a replayed event enters the journal once. */
export type EventId = Branded<'EventId'>
/** One act of destruction: a purge, an erasure or a withdrawal; a UUID. */
export type ActId = Branded<'ActId'>
/** One legal hold or block; a UUID. */
export type HoldId = Branded<'HoldId'>
/** A service: one data folder; a UUID. */
export type ServiceId = Branded<'ServiceId'>
/** Asterisk's unique id of a channel (ARI `channel.id`). */
export type ChannelId = Branded<'ChannelId'>

export const newCallId = () => randomUUID() as CallId
export const newRecordingId = () => randomUUID() as RecordingId
export const newPartId = () => randomUUID() as PartId
export const newEventId = () => randomUUID() as EventId
export const newActId = () => randomUUID() as ActId
export const newHoldId = () => randomUUID() as HoldId
export const newServiceId = () => randomUUID() as ServiceId

/**
 * The id of an event that can only happen once to its subject: whoever tells of it again, after a crash or beside another
 * process, tells the same. A UUID of version 8 (RFC 9562).
 */
export function derivedEventId(type: string, subject: string): EventId {
  const hash = createHash('sha256').update(`${type} ${subject}`).digest().subarray(0, 16)
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as EventId
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text from outside (a command line, a channel variable) has the form of our ids. */
export const isUuid = (text: string): boolean => uuid.test(text)
