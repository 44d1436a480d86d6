import type { ChannelId } from '../shared/ids.js'
import type { CallLeg } from './ports.js'

/**
 * Names of the playbacks of a channel's prompts, taken in turn. They are known beforehand, because the PBX sends a
 * channel on only once its prompt has ended, and whoever sends it on in our place must be able to end it: the keeper
 * (`src/keeper/ari.ts` has the same names), or a service after this one.
 */
export const promptIds = (channel: ChannelId): readonly [string, string] => [
  `${channel}-prompt-0`,
  `${channel}-prompt-1`,
]

/** Ends what another service may have begun to play on a channel. */
export async function silence(leg: CallLeg): Promise<void> {
  await Promise.allSettled(promptIds(leg.channel).map(id => leg.stopPlaying(id)))
}
