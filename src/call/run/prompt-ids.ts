import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelId } from '../../core/ids.js'
import type { CallChannel } from '../ports.js'

/**
 * The ids of a channel's prompt playbacks, used in turn. They are fixed, so that the keeper and a later service can
 * stop a prompt that this service started. They must stop it, because the PBX moves a channel only when its prompt has
 * ended. `src/keeper/ari.ts` has the same ids.
 */
export const promptIds = (channel: ChannelId): readonly [string, string] => [
  `${channel}-prompt-0`,
  `${channel}-prompt-1`,
]

/**
 * Number of stops of a playback until it is gone, and the time between two stops, ms. A playback usually ends within 20
 * ms.
 */
const MAX_STOPS = 25
const STOP_INTERVAL_MS = 20

/**
 * Stops prompts that another service may have started on a channel, and waits until they have ended, because the ids are used
 * again. Never rejects.
 */
export async function stopLeftoverPlaybacks(channel: Pick<CallChannel, 'id' | 'stopPlaying'>): Promise<void> {
  await Promise.all(promptIds(channel.id).map(id => stopUntilGone(channel, id)))
}

async function stopUntilGone(channel: Pick<CallChannel, 'stopPlaying'>, id: string): Promise<void> {
  for (let stops = 0; stops < MAX_STOPS; stops += 1) {
    try {
      await channel.stopPlaying(id)
    } catch {
      return
    }
    await sleep(STOP_INTERVAL_MS)
  }
}
