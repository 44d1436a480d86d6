import type { LegFact } from '../call/ports.js'
import type { ChannelId } from '../shared/ids.js'
import { isVoice, whisperedTo } from './whisper.js'

/** An ARI event as it came: whatever the PBX, or what claims to be it, sent. Nothing in it is sure but its type. */
export interface RawEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** What one ARI event means, for one channel. */
export type Reading =
  | { to: ChannelId; arrival: { number: string; caller: string; at: number } }
  | { to: ChannelId; fact: LegFact }
  | { replaced: true }
  | null

/** What may be a key. */
const KEY = /^[0-9A-D*#]$/

/**
 * Reads one ARI event. Events that mean nothing to a call, or are not what ARI describes, read as null.
 * @param hearing when the event was received, ms; stands in for a missing or odd timestamp
 */
export function readEvent(event: RawEvent, hearing: number): Reading {
  if (event.type === 'ApplicationReplaced') return { replaced: true }
  const at = Date.parse(text(event['timestamp'])) || hearing
  if (event.type === 'PlaybackStarted' || event.type === 'PlaybackFinished') return playback(event, at)
  if (event.type === 'Dial') return answeredBy(event, at)
  const channel = text(fields(event['channel'])['id'])
  // The voice that whispers is no caller: of it, only how far its prompt got matters.
  if (!channel || isVoice(channel)) return null
  switch (event.type) {
    case 'StasisStart':
      return arrival(channel, event, at)
    case 'StasisEnd':
      return tell(channel, { fact: 'left', at })
    case 'ChannelHangupRequest':
      // Of a soft hangup the "cause" is a flag of Asterisk's own, not one of Q.850.
      return tell(channel, { fact: 'hanging-up', cause: event['soft'] ? 0 : causeOf(event), at })
    case 'ChannelDestroyed':
      return tell(channel, { fact: 'hung-up', cause: causeOf(event), at })
    case 'ChannelDtmfReceived': {
      const digit = text(event['digit'])
      return KEY.test(digit) ? tell(channel, { fact: 'key', digit, at }) : null
    }
    default:
      return null
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const causeOf = ({ cause }: RawEvent): number => (Number.isInteger(cause) ? (cause as number) : 0)

const tell = (channel: string, fact: LegFact): Reading => ({ to: channel as ChannelId, fact })

function arrival(channel: string, event: RawEvent, at: number): Reading {
  const number = text(fields(event['args'])[0])
  const caller = text(fields(fields(event['channel'])['caller'])['number'])
  return { to: channel as ChannelId, arrival: { number, caller, at } }
}

/**
 * Whom a channel was put through to. Who else comes into their bridge is told only of bridges that ARI itself made, so
 * later changes are seen by looking.
 */
function answeredBy(event: RawEvent, at: number): Reading {
  const [caller, peer] = ['caller', 'peer'].map(side => text(fields(event[side])['id']))
  if (!caller || !peer || event['dialstatus'] !== 'ANSWER') return null
  return tell(caller, { fact: 'with', peers: [peer as ChannelId], at })
}

/** Who is together in a bridge, as ARI describes one. */
export function channelsIn(bridge: unknown): ChannelId[] {
  const list = fields(bridge)['channels']
  return Array.isArray(list) ? list.filter(one => typeof one === 'string' && one !== '') : []
}

function playback(event: RawEvent, at: number): Reading {
  const played = fields(event['playback'])
  const [, channel] = /^channel:(.+)$/.exec(text(played['target_uri'])) ?? []
  const id = text(played['id'])
  if (!channel || !id) return null
  const to = whisperedTo(channel)
  if (event.type === 'PlaybackStarted') return tell(to, { fact: 'playing', playback: id, at })
  return tell(to, { fact: 'played', playback: id, ok: played['state'] === 'done', at })
}
