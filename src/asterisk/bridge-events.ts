import type { BridgeChange, BridgeKind, ListedBridge } from '../call/parties/bridge-book.js'
import type { ShownChannel } from '../call/ports.js'
import type { ChannelId } from '../core/ids.js'
import type { TransferKind } from '../core/party-events.js'
import { standInFor } from '../core/stand-in.js'
import { fieldsOf, isChannel, momentOf, type RawEvent, shownOf, textOf } from './ari-events.js'
import { isWhisperChannel } from './ari-whisper.js'
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
  const channel = memberOf(event['channel'])
  if (!bridge) return null
  if (event.type === 'BridgeDestroyed') return { change: 'destroyed', bridge, at }
  if (!channel || isOurs(channel)) return null
  if (event.type === 'ChannelLeftBridge') return { change: 'left', bridge, channel, at }
  if (event.type !== 'ChannelEnteredBridge') return null
  return { change: 'entered', bridge, ...kindOf(event['bridge']), channel, ...shownOf(event['channel']), at }
}

/** A transfer that the PBX has carried out. */
export interface Transfer {
  kind: TransferKind
  /** Names of the transferring participant's channels. */
  by: readonly string[]
  /**
   * Who was with them. `name`: empty if the PBX does not report it. `to`: name of the channel that each joins; null
   * likewise.
   */
  moved: readonly { channel: ChannelId; name: string; to: string | null }[]
  at: number
}

/**
 * Reads the end of a transfer.
 *
 * @param receivedAt when the event was received, ms since the epoch
 * @returns null for another event, and for a transfer that failed or moves no channel
 */
export function readTransfer(event: RawEvent, receivedAt: number): Transfer | null {
  if (event['result'] !== 'Success') return null
  const at = momentOf(event, receivedAt)
  if (event.type === 'BridgeBlindTransfer') {
    const moved = sideOf(event['transferee'], event['bridge'])
    return transfer('blind', [event['channel']], moved, at)
  }
  if (event.type !== 'BridgeAttendedTransfer') return null
  const kind = event['destination_type'] === 'threeway' ? 'three-way' : 'attended'
  const { transferee, transfer_target: target } = event
  const moved = [
    ...sideOf(transferee, event['transferer_first_leg_bridge'], target),
    ...sideOf(target, event['transferer_second_leg_bridge'], transferee),
  ]
  return transfer(kind, [event['transferer_first_leg'], event['transferer_second_leg']], moved, at)
}

/**
 * The channels on one leg of a transfer: the named channel, and all members of the bridge.
 * @param to the channel that they join
 */
function sideOf(named: unknown, bridge: unknown, to?: unknown): Transfer['moved'][number][] {
  const one = memberOf(named)
  const there = readBridge(bridge).channels
  return [...(one ? [one] : []), ...there].map(channel => ({
    channel,
    name: channel === one ? textOf(fieldsOf(named)['name']) : '',
    to: textOf(fieldsOf(to)['name']) || null,
  }))
}

/**
 * @param legs channels of the transferring participant
 * @param moved may name a channel twice: as the named one and as a member
 */
function transfer(
  kind: TransferKind,
  legs: readonly unknown[],
  moved: Transfer['moved'],
  at: number,
): Transfer | null {
  const own = legs.map(memberOf)
  const known = new Map<ChannelId, Transfer['moved'][number]>()
  for (const one of moved) {
    const before = known.get(one.channel)
    if (!own.includes(one.channel) && (!before || (!before.name && one.name))) known.set(one.channel, one)
  }
  const by = legs.map(leg => textOf(fieldsOf(leg)['name']))
  return known.size > 0 ? { kind, by, moved: [...known.values()], at } : null
}

/**
 * Whether the PBX's bridge events are incomplete after this event. That happens in an attended transfer to a
 * participant who has only just answered: the PBX counts the second leg as in an application, and the transferred
 * channel takes its identity, in a bridge or not.
 */
export const hidesAMove = (event: RawEvent): boolean =>
  event.type === 'BridgeAttendedTransfer' && event['destination_type'] === 'application'

/** Reads a bridge, as ARI lists it. Channels of ears and whispers are left out. */
export function readBridge(listed: unknown): ListedBridge {
  const { id, channels } = fieldsOf(listed)
  const members = Array.isArray(channels) ? channels.flatMap(one => memberId(one) ?? []) : []
  return { id: textOf(id), ...kindOf(listed), channels: members.filter(one => !isOurs(one)) }
}

/** Reads what a PBX shows of a channel, as ARI lists it. @returns empty for a channel of an ear or a whisper */
export function readChannel(listed: unknown): [ChannelId, ShownChannel][] {
  const channel = memberOf(listed)
  return channel && !isOurs(channel) ? [[channel, shownOf(listed)]] : []
}

/**
 * Accepts any channel id, because every channel in a bridge is audible. An unknown participant would otherwise be
 * recorded without consent.
 */
const memberId = (id: unknown): ChannelId | undefined => {
  if (isChannel(id)) return id
  return typeof id === 'string' && id !== '' ? standInFor(id) : undefined
}
const memberOf = (described: unknown): ChannelId | undefined => memberId(fieldsOf(described)['id'])

const isOurs = (channel: ChannelId): boolean => isWhisperChannel(channel) || isEarChannel(channel)

/**
 * The kind of a bridge. The PBX has a class for parking lots, and other holding bridges, such as that of `BridgeWait`,
 * are no parking lots. A conference bridge is created by the dialplan's conference application.
 */
function kindOf(bridge: unknown): BridgeKind {
  const fields = fieldsOf(bridge)
  const holding = fields['bridge_type'] === 'holding'
  if (fields['bridge_class'] === 'parking') return { holding, place: 'parked' }
  return fields['creator'] === 'ConfBridge' ? { holding, place: 'conference' } : { holding }
}
