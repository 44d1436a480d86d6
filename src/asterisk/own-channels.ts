import { systemClock } from '../core/clock.js'
import { codeOf } from '../core/errors.js'
import { retry } from '../lib/retry.js'
import { isQueryChannel } from './query-channel.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Waits between the attempts to hang up a channel, ms. */
const HANG_UP_WAITS_MS = [200, 1_000, 5_000] as const
/**
 * An own channel older than this was left by a process that ended, ms. The longest probe call takes some four minutes.
 */
const LEFT_MS = 600_000

/**
 * Sends an order that makes channels of our own. If the answer does not come, the channels are hung up, because the PBX
 * may still execute the order later.
 *
 * @returns the answer
 * @throws the error of the order
 */
export async function makeOwn(
  ari: AriTransport,
  ids: readonly string[],
  ...order: Parameters<AriTransport['request']>
): Promise<unknown> {
  try {
    return await ari.request(...order)
  } catch (error) {
    if (codeOf(error) !== 'pbx.refused') await hangUpAll(ari, ids, () => false)
    throw error
  }
}

/** Hangs up channels of our own. Never fails. */
export const hangUpOwn = (ari: AriTransport, ids: readonly string[]): Promise<void> =>
  hangUpAll(ari, ids, error => codeOf(error) === 'pbx.gone')

async function hangUpAll(
  ari: AriTransport,
  ids: readonly string[],
  isOver: (error: unknown) => boolean,
): Promise<void> {
  const hangUp = async (channelId: string) => {
    let attempts = 0
    await retry(() => ari.request('channels', 'hangup', { channelId }), {
      clock: systemClock,
      waitsMs: HANG_UP_WAITS_MS,
      giveUp: error => ++attempts > HANG_UP_WAITS_MS.length || isOver(error),
    })
  }
  await Promise.allSettled(ids.map(hangUp))
}

/** The listed channels that an ended process of ours has left. @param listed as ARI lists channels */
export function leftChannels(listed: readonly { id: string; creationtime?: string }[]): string[] {
  const isLeft = ({ creationtime = '' }) => Date.now() - Date.parse(creationtime) > LEFT_MS
  return listed.filter(one => isQueryChannel(one.id) && isLeft(one)).map(({ id }) => id)
}
