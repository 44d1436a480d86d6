import { createHash } from 'node:crypto'
import type { ChannelId } from './ids.js'

/** Begins the names below. A PBX gives out no id that begins so. */
const PREFIX = 'consentry-odd-'

/**
 * A name for a channel whose id has characters that the id of a call must not have. No order reaches the channel by it. But whoever is on the
 * channel may be heard.
 *
 * @param id as the PBX has it
 */
export const standInFor = (id: string): ChannelId =>
  `${PREFIX}${createHash('sha256').update(id).digest('hex')}` as ChannelId

/** Whether this is such a name. */
export const isStandIn = (channel: ChannelId): boolean => channel.startsWith(PREFIX)
