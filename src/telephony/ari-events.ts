import type { LegFact } from '../call/ports.js'
import type { ChannelId } from '../shared/ids.js'

/** The parts of ARI events that matter here; everything else in them is left alone. */
export interface RawEvent {
  type: string
  timestamp?: string
  application?: string
  channel?: { id: string; caller?: { number?: string } }
  args?: string[]
  digit?: string
  cause?: number
  soft?: boolean
  playback?: { id?: string; target_uri?: string; state?: string }
}

/** What one ARI event means, for one channel. */
export type Reading =
  | { to: ChannelId; arrival: { number: string; caller: string; at: number } }
  | { to: ChannelId; fact: LegFact }
  | { replaced: true }
  | null

/**
 * Reads one ARI event. Events that mean nothing to a call read as null.
 * @param hearing when the event was received, ms; stands in for a missing or odd timestamp
 */
export function readEvent(event: RawEvent, hearing: number): Reading {
  const at = event.timestamp ? Date.parse(event.timestamp) || hearing : hearing
  const channel = event.channel?.id
  switch (event.type) {
    case 'StasisStart':
      return channel ? arrival(channel, event, at) : null
    case 'StasisEnd':
      return channel ? tell(channel, { fact: 'left', at }) : null
    case 'ChannelHangupRequest':
      // Of a soft hangup the "cause" is a flag of Asterisk's own, not one of Q.850.
      return channel
        ? tell(channel, { fact: 'hanging-up', cause: event.soft ? 0 : (event.cause ?? 0), at })
        : null
    case 'ChannelDestroyed':
      return channel ? tell(channel, { fact: 'hung-up', cause: event.cause ?? 0, at }) : null
    case 'ChannelDtmfReceived':
      return channel && event.digit ? tell(channel, { fact: 'key', digit: event.digit, at }) : null
    case 'PlaybackStarted':
    case 'PlaybackFinished':
      return playback(event, at)
    case 'ApplicationReplaced':
      return { replaced: true }
    default:
      return null
  }
}

const tell = (channel: string, fact: LegFact): Reading => ({ to: channel as ChannelId, fact })

function arrival(channel: string, event: RawEvent, at: number): Reading {
  const number = event.args?.[0] ?? ''
  const caller = event.channel?.caller?.number ?? ''
  return { to: channel as ChannelId, arrival: { number, caller, at } }
}

function playback({ type, playback }: RawEvent, at: number): Reading {
  const channel = playback?.target_uri?.startsWith('channel:')
    ? playback.target_uri.slice('channel:'.length)
    : ''
  const id = playback?.id
  if (!channel || !id) return null
  if (type === 'PlaybackStarted') return tell(channel, { fact: 'playing', playback: id, at })
  return tell(channel, { fact: 'played', playback: id, ok: playback.state === 'done', at })
}
