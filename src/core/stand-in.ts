import { createHash } from 'node:crypto'
import type { ChannelId } from './ids.js'

/** Prefix of the names below. A PBX never gives a channel such an id. */
const PREFIX = 'consentry-odd-'

/**
 * Makes a name for a channel whose id has characters that a call id must not have. Orders cannot reach the channel by
 * it. Its participant still counts as audible.
 *
 * @param id as the PBX has it
 */
export const standInFor = (id: string): ChannelId =>
  `${PREFIX}${createHash('sha256').update(id).digest('hex')}` as ChannelId

/** True for such a name. */
export const isStandIn = (channel: ChannelId): boolean => channel.startsWith(PREFIX)
