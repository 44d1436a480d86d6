import { backgroundTimers, type Clock } from '../../core/clock.js'
import { AppError, codeOf } from '../../core/errors.js'
import type { ChannelId } from '../../core/ids.js'
import type { Log } from '../../lib/log.js'
import { retry } from '../../lib/retry.js'
import type { RunningCall } from '../run/running-call.js'

/** Waits between the orders to report an agent's keys, ms. The last one repeats as long as the agent is there. */
const AGAIN_MS = [1_000, 5_000] as const

/**
 * Has the PBX report the keys of an agent, who may type those of a pause. An unanswered order is repeated. Never
 * rejects.
 *
 * @param isThere whether the agent is still with the caller
 * @param timers by default those that keep no process alive
 */
export async function hearKeys(
  call: Pick<RunningCall, 'id' | 'hearKeysOf'>,
  agent: ChannelId,
  isThere: () => boolean,
  log: Log,
  timers: Pick<Clock, 'after'> = backgroundTimers,
): Promise<void> {
  const order = async () => {
    if (isThere()) await call.hearKeysOf(agent)
  }
  // A Local channel has often ended by now, and the participants that it joined share one bridge.
  const warn = (error: unknown, text: string) => {
    if (isThere()) log.warn({ call: call.id, code: codeOf(error) }, text)
  }
  try {
    await retry(order, {
      clock: timers,
      waitsMs: AGAIN_MS,
      giveUp: error => !(error instanceof AppError && error.retryable),
      onFailure(error, failures) {
        if (failures === 1) warn(error, 'the keys of an agent are not heard in this call yet; retrying')
      },
    })
  } catch (error) {
    warn(error, 'the keys of an agent are not heard in this call')
  }
}
