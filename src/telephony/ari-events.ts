import type { ChannelFact } from '../call/ports.js'
import { DAY_MS } from '../shared/clock.js'
import type { ChannelId } from '../shared/ids.js'
import { heardBy, isWhisperChannel } from './ari-whisper.js'

/** An ARI event as it came: whatever the PBX, or what claims to be it, sent. Nothing in it is sure but its type. */
export interface RawEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** What one ARI event means, for one channel. */
export type EventMeaning =
  | { to: ChannelId; arrival: { number: string; caller: string; at: number } }
  | { to: ChannelId; fact: ChannelFact }
  | { replaced: true }
  | null

/** What may be a key. */
const KEY_PATTERN = /^[0-9A-D*#]$/
/**
 * What may be a channel: 149 characters that Asterisk makes up or an ARI user chose, and `;1` or `;2` for the half of a
 * Local channel. An id goes into paths, lists and the journal, and none of these is to find a delimiter in it.
 */
const CHANNEL_PATTERN = /^[\w.:;@+~-]{1,151}$/
/** A number, as the dialplan filters it; Asterisk has no longer ones. */
const NUMBER_PATTERN = /^[0-9A-Za-z*#+]{0,79}$/
/** Most of a caller's number that Asterisk keeps, characters. */
const MAX_CALLER_LENGTH = 79
/** What no number holds and no journal can: control characters, halves of surrogate pairs. */
const UNWRITABLE_CHARACTERS = /[\p{Cc}\p{Cs}]/gu
/** Causes of Q.850 are of seven bits. */
const MAX_CAUSE = 127
/** The PBX has our clock, give or take somebody who sets it; what is further off is no time, ms. */
const MAX_SKEW_MS = 2 * DAY_MS

/**
 * Reads one ARI event. Events that mean nothing to a call, or are not what ARI describes, read as null.
 * @param receivedAt when the event was received, ms; stands in for a missing or odd timestamp
 */
export function readEvent(event: RawEvent, receivedAt: number): EventMeaning {
  if (event.type === 'ApplicationReplaced') return { replaced: true }
  const timestamp = Date.parse(textOf(event['timestamp']))
  const at = Math.abs(timestamp - receivedAt) <= MAX_SKEW_MS ? timestamp : receivedAt
  if (event.type === 'PlaybackStarted' || event.type === 'PlaybackFinished') return playback(event, at)
  if (event.type === 'Dial') return dialAnswered(event, at)
  const channel = channelOf(event['channel'])
  // The voice that whispers is no caller: of it, only how far its prompt got matters.
  if (!channel || isWhisperChannel(channel)) return null
  switch (event.type) {
    case 'StasisStart':
      return arrival(channel, event, at)
    case 'StasisEnd':
      return factFor(channel, { fact: 'left', at })
    case 'ChannelHangupRequest':
      // Of a soft hangup the "cause" is a flag of Asterisk's own, not one of Q.850.
      return factFor(channel, { fact: 'hanging-up', cause: event['soft'] ? null : causeOf(event), at })
    case 'ChannelDestroyed':
      return factFor(channel, { fact: 'hung-up', cause: causeOf(event), at })
    case 'ChannelDtmfReceived': {
      const digit = textOf(event['digit'])
      return KEY_PATTERN.test(digit) ? factFor(channel, { fact: 'key', digit, at }) : null
    }
    default:
      return null
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const isChannel = (id: unknown): id is ChannelId => typeof id === 'string' && CHANNEL_PATTERN.test(id)
const channelOf = (described: unknown): ChannelId | undefined => {
  const { id } = fieldsOf(described)
  return isChannel(id) ? id : undefined
}
/** Asterisk says 0 where it knows of none. */
const causeOf = ({ cause }: RawEvent): number | null =>
  Number.isInteger(cause) && (cause as number) > 0 && (cause as number) <= MAX_CAUSE
    ? (cause as number)
    : null

const factFor = (channel: ChannelId, fact: ChannelFact): EventMeaning => ({ to: channel, fact })

function arrival(channel: ChannelId, event: RawEvent, at: number): EventMeaning {
  const dialled = textOf(fieldsOf(event['args'])[0])
  const caller = textOf(fieldsOf(fieldsOf(event['channel'])['caller'])['number'])
    .slice(0, MAX_CALLER_LENGTH)
    .replace(UNWRITABLE_CHARACTERS, '')
  // A number that no dialplan lets through is that of no line, whatever it would be without what is odd about it.
  return { to: channel, arrival: { number: NUMBER_PATTERN.test(dialled) ? dialled : '', caller, at } }
}

/**
 * Whom a channel was put through to. Who else comes into their bridge is told only of bridges that ARI itself made, so
 * later changes are seen by looking.
 */
function dialAnswered(event: RawEvent, at: number): EventMeaning {
  const [caller, peer] = ['caller', 'peer'].map(side => channelOf(event[side]))
  if (!caller || !peer || event['dialstatus'] !== 'ANSWER') return null
  return factFor(caller, { fact: 'with', peers: [peer], at })
}

/** Who is together in a bridge, as ARI describes one. */
export function channelsIn(bridge: unknown): ChannelId[] {
  const list = fieldsOf(bridge)['channels']
  return Array.isArray(list) ? list.filter(isChannel) : []
}

function playback(event: RawEvent, at: number): EventMeaning {
  const played = fieldsOf(event['playback'])
  const [, channel = ''] = /^channel:(.+)$/.exec(textOf(played['target_uri'])) ?? []
  const to = heardBy(channel)
  const id = textOf(played['id'])
  if (!isChannel(to) || !id) return null
  if (event.type === 'PlaybackStarted') return factFor(to, { fact: 'playing', playback: id, at })
  return factFor(to, { fact: 'played', playback: id, ok: played['state'] === 'done', at })
}
