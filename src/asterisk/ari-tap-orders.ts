import { basename } from 'node:path'
import type { TapOrders } from '../call/ports.js'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { sleep } from '../lib/retry.js'
import { newQueryChannel } from './query-channel.js'
import type { AriTransport } from './transport/ari-transport.js'

/**
 * How long the PBX may take to start a tap, ms. It usually takes 50 ms, because it starts a program, and seconds on a
 * busy machine.
 */
const START_MS = 8_000
/** Time between two checks whether the tap has started, ms. */
const CHECK_INTERVAL_MS = 10
/**
 * After this many checks, the PBX is asked for the channel itself. ARI answers 404 both to a variable that is not set
 * and to a channel that is gone.
 */
const CHECKS_BEFORE_CHANNEL = 50
/** How long the PBX may keep the channel that executes an order, s. */
const ORDER_SECONDS = 10
/** Ids of channels that consentry.conf lets into a command. */
const SAFE_CHANNEL = /^[0-9A-Za-z._-]+$/
/** Longest extension that Asterisk keeps, characters. */
const MAX_EXTENSION = 79

/**
 * The variable of a channel with the id of the MixMonitor that writes a tap. Each MixMonitor sets one, see asterisk/consentry.conf. Asterisk
 * 22.10 crashes if the function MIXMONITOR is asked about a MixMonitor of ours, because it has no file for both sides.
 *
 * @param run how often the tap was started before
 */
const monitorVariable = (tap: string, run: number): string =>
  `CONSENTRY_MONITOR_${basename(tap)}${run === 0 ? '' : `_${run}`}`

/** Orders that concern the MixMonitors of one channel. */
export interface ChannelTaps extends TapOrders {
  /** Has the PBX stop every MixMonitor of the channel that is no tap. Never rejects. @returns whether the PBX took the order */
  stopOthers(): Promise<boolean>
}

/**
 * Stops and starts taps of a channel that is in the dialplan, for example in a bridge. ARI has no such order. So a `Local` channel is sent to
 * the context `consentry-tap`, which gives the order to Asterisk's console.
 *
 * @param ari gives the current transport
 */
export function createTapOrders(channel: ChannelId, ari: () => AriTransport): ChannelTaps {
  /** Number of known restarts of each tap. */
  const runs = new Map<string, number>()
  /** The MixMonitor that writes each tap started here. No other code starts one. */
  const monitors = new Map<string, string>()

  const send = async (context: string, ...order: (string | number)[]) => {
    const extension = order.join('+')
    if (!SAFE_CHANNEL.test(channel) || extension.length > MAX_EXTENSION)
      throw new AppError('pbx.refused', 'the dialplan cannot take the id of this channel')
    const id = newQueryChannel()
    await ari().request('channels', 'originate', {
      ...{ endpoint: `Local/${extension}@${context}/n`, context, extension: 's' },
      ...{ channelId: id, otherChannelId: `${id}-other`, timeout: ORDER_SECONDS },
    })
  }

  /** The id of the MixMonitor of a run; undefined without such a run, and without the channel. @throws AppError `pbx.*` */
  const monitorOf = async (tap: string, run: number): Promise<string | undefined> => {
    const asked = { channelId: channel, variable: monitorVariable(tap, run) }
    const answer = await ari()
      .request('channels', 'getChannelVar', asked)
      .catch((error: unknown) => {
        if (codeOf(error) !== 'pbx.gone') throw error
      })
    const id = (answer as { value?: unknown } | undefined)?.value
    return typeof id === 'string' && /^0x[0-9a-f]+$/.test(id) ? id : undefined
  }

  /** The latest run of a tap. An earlier service may have started it again. @throws AppError `pbx.*` */
  const lastRun = async (tap: string): Promise<number> => {
    let run = runs.get(tap) ?? 0
    while (await monitorOf(tap, run + 1)) run += 1
    runs.set(tap, run)
    return run
  }

  /** Other errors are mistakes in the program, which the caller logs. */
  const refused = (error: unknown): false => {
    if (error instanceof AppError) return false
    throw error
  }

  const exists = () =>
    ari()
      .request('channels', 'get', { channelId: channel })
      .then(
        () => true,
        (error: unknown) => codeOf(error) !== 'pbx.gone',
      )

  async function start(tap: string, onCheck?: () => void): Promise<boolean> {
    const end = performance.now() + START_MS
    const run = (monitors.delete(tap) ? runs.get(tap)! : await lastRun(tap)) + 1
    await send('consentry-tap', 'start', channel, basename(tap), run)
    for (let checks = 1; performance.now() < end; checks++, await sleep(systemClock, CHECK_INTERVAL_MS)) {
      onCheck?.()
      // Asterisk sets the variable just before the tap starts.
      const monitor = await monitorOf(tap, run)
      if (!monitor && checks % CHECKS_BEFORE_CHANNEL === 0 && !(await exists())) return false
      if (!monitor) continue
      runs.set(tap, run)
      monitors.set(tap, monitor)
      return true
    }
    return false
  }

  return {
    async stop(tap) {
      try {
        const monitor = monitors.get(tap) ?? (await monitorOf(tap, await lastRun(tap)))
        if (monitor) await send('consentry-tap', 'stop', channel, monitor)
      } catch {
        // If the stop fails, the pipes stay open, and the session times out on that.
      }
    },
    async start(tap, onCheck) {
      if (await start(tap, onCheck).catch(refused)) return 'started'
      return (await exists()) ? 'failed' : 'no-channel'
    },
    stopOthers: () =>
      send('consentry-stop-others', channel).then(
        () => true,
        () => false,
      ),
  }
}
