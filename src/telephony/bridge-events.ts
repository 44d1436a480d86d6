import type { ShownChannel } from '../call/ports.js'
import type { ChannelId } from '../shared/ids.js'
import { channelOf, fieldsOf, isChannel, momentOf, type RawEvent, shownOf, textOf } from './ari-events.js'
import { isWhisperChannel } from './ari-whisper.js'
import type { BridgeChange, ListedBridge } from './bridge-book.js'
import { isEarChannel } from './ear-ids.js'

/**
 * Reads an event of the application for bridges.
 *
 * @param receivedAt when the event was received, ms since the epoch
 * @returns null for an event that changes no bridge, or that is not as ARI describes it
 */
export function readBridgeEvent(event: RawEvent, receivedAt: number): BridgeChange | null {
  const at = momentOf(event, receivedAt)
  const bridge = textOf(fieldsOf(event['bridge'])['id'])
  const channel = channelOf(event['channel'])
  if (!bridge) return null
  if (event.type === 'BridgeDestroyed') return { change: 'destroyed', bridge, at }
  if (!channel || isOurs(channel)) return null
  if (event.type === 'ChannelLeftBridge') return { change: 'left', bridge, channel, at }
  if (event.type !== 'ChannelEnteredBridge') return null
  const shown = shownOf(event['channel'])
  return { change: 'entered', bridge, holding: isHolding(event['bridge']), channel, ...shown, at }
}

/**
 * Whether an event says that bridges have other members than their events say: an attended transfer to somebody who has only just answered.
 * The PBX counts the second leg as in an application then, and has the transferred channel take its identity, in a bridge or not.
 */
export const hidesAMove = (event: RawEvent): boolean =>
  event.type === 'BridgeAttendedTransfer' && event['destination_type'] === 'application'

/** Reads a bridge, as ARI lists it. Channels of ears and whispers are left out. */
export function readBridge(listed: unknown): ListedBridge {
  const { id, channels } = fieldsOf(listed)
  const members = Array.isArray(channels) ? channels.filter(isChannel).filter(one => !isOurs(one)) : []
  return { id: textOf(id), holding: isHolding(listed), channels: members }
}

/** Reads what a PBX shows of a channel, as ARI lists it. @returns empty for a channel of an ear or a whisper */
export function readChannel(listed: unknown): [ChannelId, ShownChannel][] {
  const channel = channelOf(listed)
  return channel && !isOurs(channel) ? [[channel, shownOf(listed)]] : []
}

const isOurs = (channel: ChannelId): boolean => isWhisperChannel(channel) || isEarChannel(channel)

/** Whether those in a bridge do not hear each other. */
const isHolding = (bridge: unknown): boolean => fieldsOf(bridge)['bridge_type'] === 'holding'
