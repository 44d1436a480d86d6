import { createHash, randomUUID } from 'node:crypto'

declare const brand: unique symbol
/** A text that only its own kind may stand for. */
export type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Id of a call from `Gosub(consentry,s,1)`; a UUID, also the channel variable `CONSENTRY_CALL`. */
export type CallId = Branded<'CallId'>
/** Id of a recording: one call for one purpose; a UUID. */
export type RecordingId = Branded<'RecordingId'>
/** Id of a part of a recording; a UUID. A recording has several parts after a restart. */
export type PartId = Branded<'PartId'>
/** Id of an event; a UUID, so that an event that is sent again enters the journal once. */
export type EventId = Branded<'EventId'>
/** Id of an act of destruction: by purge, erasure or withdrawal; a UUID. */
export type ActId = Branded<'ActId'>
/** Id of a legal hold or a block; a UUID. */
export type HoldId = Branded<'HoldId'>
/** Id of a node, which is one data folder with the services that run on it one after another; a UUID. */
export type NodeId = Branded<'NodeId'>
/** Id of a token of the API; a UUID. */
export type TokenId = Branded<'TokenId'>
/** Id of a user of the console; a UUID. */
export type UserId = Branded<'UserId'>
/** Id of a user's session; a UUID. */
export type SessionId = Branded<'SessionId'>
/** Id of a user's passkey; a UUID. */
export type PasskeyId = Branded<'PasskeyId'>
/** Id of a draft of a line; a UUID. */
export type DraftId = Branded<'DraftId'>
/** Id of a proposed change of a group of lines; a UUID. */
export type ProposalId = Branded<'ProposalId'>
/** Id of a trial: a phone that is rung to hear a draft; a UUID. */
export type TrialId = Branded<'TrialId'>
/** Asterisk's unique id of a channel (ARI `channel.id`). */
export type ChannelId = Branded<'ChannelId'>

export const newCallId = () => randomUUID() as CallId
export const newRecordingId = () => randomUUID() as RecordingId
export const newPartId = () => randomUUID() as PartId
export const newEventId = () => randomUUID() as EventId
export const newActId = () => randomUUID() as ActId
export const newHoldId = () => randomUUID() as HoldId
export const newDraftId = () => randomUUID() as DraftId
export const newProposalId = () => randomUUID() as ProposalId
export const newTrialId = () => randomUUID() as TrialId
export const newTokenId = () => randomUUID() as TokenId
export const newUserId = () => randomUUID() as UserId
export const newSessionId = () => randomUUID() as SessionId
export const newPasskeyId = () => randomUUID() as PasskeyId
export const newNodeId = () => randomUUID() as NodeId

/**
 * The id of an event that happens at most once to its subject. After a crash, or in two processes at once, the id is the same. A
 * UUID of version 8 (RFC 9562).
 */
export function derivedEventId(type: string, subject: string): EventId {
  const hash = createHash('sha256').update(`${type} ${subject}`).digest().subarray(0, 16)
  hash[6] = (hash[6]! & 0x0f) | 0x80
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as EventId
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether an input, such as an argument or a channel variable, has the form of our ids. */
export const isUuid = (text: string): boolean => uuid.test(text)
