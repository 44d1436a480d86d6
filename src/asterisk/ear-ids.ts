import type { ChannelId } from '../core/ids.js'

/**
 * Suffixes after the id of the channel that is heard. The first channel spies on it, and the second one sends that
 * audio. No PBX gives out ids that end so. Neither id is a prefix of the other, because Asterisk refuses such an id.
 * The keeper knows the suffixes too, see `keeper/ari.ts`.
 */
export const [SPY_SUFFIX, MEDIA_SUFFIX] = ['-ear-spy', '-ear-rtp']
const EAR_CHANNEL = /^(.+?)-ear-(?:spy|rtp)$/
/** The channel that an ear channel of ours serves; undefined for all other channels. */
export const heardThrough = (channel: string): ChannelId | undefined =>
  EAR_CHANNEL.exec(channel)?.[1] as ChannelId | undefined

/** Whether a channel is one of the two of an ear. */
export const isEarChannel = (channel: string): boolean => heardThrough(channel) !== undefined

/** Name of the bridge of an ear. It names the application, because the PBX does not say who made a bridge. */
export const bridgeSuffix = (app: string): string => `-ear-${app}`
