import { setTimeout as pause } from 'node:timers/promises'
import type { ChannelId } from '../shared/ids.js'
import type { CallChannel } from './ports.js'

/**
 * Names of the playbacks of a channel's prompts, taken in turn. They are known beforehand, because the PBX sends a
 * channel on only once its prompt has ended, and whoever sends it on in our place must be able to end it: the keeper
 * (`src/keeper/ari.ts` has the same names), or a service after this one.
 */
export const promptIds = (channel: ChannelId): readonly [string, string] => [
  `${channel}-prompt-0`,
  `${channel}-prompt-1`,
]

/** How often it is looked whether a prompt has ended, and how long from one look to the next, ms: it takes some 20. */
const LOOKS = 25
const LOOK_MS = 20

/**
 * Ends what another service may have begun to play on a channel, and waits until it has ended, for the names are used
 * again. Never rejects.
 */
export async function stopLeftoverPlaybacks(channel: Pick<CallChannel, 'id' | 'stopPlaying'>): Promise<void> {
  await Promise.all(promptIds(channel.id).map(id => stopped(channel, id)))
}

async function stopped(channel: Pick<CallChannel, 'stopPlaying'>, id: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    try {
      await channel.stopPlaying(id)
    } catch {
      return
    }
    await pause(LOOK_MS)
  }
}
