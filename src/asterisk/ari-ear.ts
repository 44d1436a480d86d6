import { isIP } from 'node:net'
import type { AudioFeed } from '../call/ports.js'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import type { RtpSource } from '../core/speech.js'
import { retry } from '../lib/retry.js'
import { bridgeSuffix, MEDIA_SUFFIX, SPY_SUFFIX } from './ear-ids.js'
import type { AriTransport } from './transport/ari-transport.js'

/** How long the new channels may take to enter our application, and removed ones to free their ids, ms. Usually 2-10 ms each. */
const READY_TIMEOUT_MS = 2_000
/** Wait between two attempts to make or to connect them, ms. Short, because nothing is heard before. */
const RETRY_INTERVAL_MS = 10
/** Waits between attempts to remove an ear, ms. A later comparison of channels removes an ear that is still left. */
const REMOVE_WAITS_MS = [200, 1_000] as const

/** What closes each ear that is not removed yet, by the name of its bridge. With `hurry`, a failed removal is not repeated. */
const ears = new Map<string, (hurry?: boolean) => Promise<void>>()

/**
 * Sends what one channel says as RTP to `host:port`: a snoop channel that only spies, an external media channel, and a
 * bridge of these two. The caller hears nothing of it.
 *
 * The ids are fixed, so that ears of an earlier service are found. The ear of one question is therefore removed before
 * that of the next one opens.
 *
 * @param host IP address
 */
export function createAriEar(
  channel: ChannelId,
  app: string,
  { host, port }: { host: string; port: number },
  ari: () => AriTransport,
): AudioFeed {
  const request: AriTransport['request'] = (...order) => ari().request(...order)
  const spy = `${channel}${SPY_SUFFIX}`
  const media = `${channel}${MEDIA_SUFFIX}`
  const bridge = `${channel}${bridgeSuffix(app)}`
  let closed = false
  let opening: Promise<void> | undefined
  let closing: Promise<void> | undefined
  /** Set when the next ear of the channel waits. That one also removes what is left of this one. */
  let hurried = false

  async function make(): Promise<unknown> {
    const [made] = await settleAll([
      request('channels', 'externalMedia', {
        ...{
          channelId: media,
          app,
          format: 'alaw',
          external_host: isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`,
        },
        ...{ encapsulation: 'rtp', transport: 'udp', connection_type: 'client', direction: 'both' },
      }),
      request('channels', 'snoopChannelWithId', {
        ...{ channelId: channel, snoopId: spy, spy: 'in', whisper: 'none', app },
      }),
      request('bridges', 'createWithId', { bridgeId: bridge, type: 'mixing' }),
    ])
    return made
  }

  /**
   * Makes channels and bridge. Removes those of an earlier service first, because they send to another address. The PBX
   * confirms a hangup before the channel is gone, and refuses its id until then.
   */
  async function replaceEarlier(): Promise<unknown> {
    const end = performance.now() + READY_TIMEOUT_MS
    let inTheWay = false
    const attempt = async () => {
      if (inTheWay) await removeEar(request, { spy, media, bridge })
      return make()
    }
    return retry(attempt, {
      clock: systemClock,
      waitsMs: [RETRY_INTERVAL_MS],
      giveUp: error => closed || !isRefused(error) || performance.now() > end,
      onFailure: () => (inTheWay = true),
    })
  }

  async function open(onSource: (source: RtpSource) => void): Promise<void> {
    // The ear was closed while it waited for the removal of the earlier one.
    if (closed) return
    try {
      const made = await replaceEarlier()
      const source = await sourceOf(made, variable =>
        request('channels', 'getChannelVar', { channelId: media, variable }),
      )
      if (closed) return
      onSource(source)
      const end = performance.now() + READY_TIMEOUT_MS
      await retry(() => request('bridges', 'addChannel', { bridgeId: bridge, channel: `${spy},${media}` }), {
        clock: systemClock,
        waitsMs: [RETRY_INTERVAL_MS],
        // The channels are refused until they have entered our application.
        giveUp: error => closed || !isRefused(error) || performance.now() > end,
      })
    } catch (error) {
      closed = true
      await remove().catch(() => undefined)
      throw error
    }
  }

  function remove(): Promise<void> {
    const isLast = countdown(REMOVE_WAITS_MS.length)
    return retry(() => removeEar(request, { spy, media, bridge }), {
      clock: systemClock,
      waitsMs: [...REMOVE_WAITS_MS],
      giveUp: () => hurried || isLast(),
    })
  }

  function close(hurry = false): Promise<void> {
    hurried ||= hurry
    closing ??= end(closed)
    return closing
  }
  /** @param failed the ear could not be opened, and `open` has removed it */
  async function end(failed: boolean): Promise<void> {
    closed = true
    // An order that is still under way would recreate what is removed here.
    await opening?.catch(() => undefined)
    try {
      if (!failed) await remove()
    } finally {
      if (ears.get(bridge) === close) ears.delete(bridge)
    }
  }

  return {
    open(onSource) {
      const before = ears.get(bridge)?.(true)
      ears.set(bridge, close)
      opening = before ? before.catch(() => undefined).then(() => open(onSource)) : open(onSource)
      return opening
    },
    close: () => close(),
  }
}

/** Waits for all, so that nothing is made after this has failed. @throws the first failure */
async function settleAll(work: Promise<unknown>[]): Promise<unknown[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/** Returns a function that returns false so many times, then true. */
function countdown(times: number): () => boolean {
  let left = times
  return () => left-- <= 0
}

/** An id that is in use is answered with 409 or 500, by the kind of channel. */
const isRefused = (error: unknown): boolean => ['pbx.conflict', 'pbx.refused'].includes(codeOf(error) ?? '')

interface EarIds {
  spy: string
  media: string
  bridge: string
}

/** Removes channels and bridge. A missing one is no failure. @throws AppError `pbx.*` */
async function removeEar(request: AriTransport['request'], { spy, media, bridge }: EarIds): Promise<void> {
  const ignoreGone = (error: unknown) => {
    if (codeOf(error) !== 'pbx.gone') throw error
  }
  await settleAll([
    request('channels', 'hangup', { channelId: spy }).catch(ignoreGone),
    request('channels', 'hangup', { channelId: media }).catch(ignoreGone),
    request('bridges', 'destroy', { bridgeId: bridge }).catch(ignoreGone),
  ])
}

/**
 * Address at which the PBX sends and receives the media of a channel. Older PBX versions do not report it when the
 * channel is made.
 */
export async function sourceOf(
  made: unknown,
  variable: (name: string) => Promise<unknown>,
): Promise<RtpSource> {
  const { channelvars = {} } = (made ?? {}) as { channelvars?: Record<string, unknown> }
  const read = async (name: string) => {
    const known = channelvars[name]
    return known ? String(known) : String(((await variable(name)) as { value?: unknown } | undefined)?.value)
  }
  const address = await read('UNICASTRTP_LOCAL_ADDRESS')
  const port = Number(await read('UNICASTRTP_LOCAL_PORT'))
  if (isIP(address) === 0 || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new AppError('pbx.refused', 'the PBX does not say from where it sends the audio')
  return { address, port }
}

/** Removes the ears that an earlier service, or an earlier connection of this one, has left on the PBX. */
export async function removeLeftEars(ari: AriTransport, app: string): Promise<void> {
  const bridges = (await ari.request('bridges', 'list', {})) as { id: string }[] | undefined
  const suffix = bridgeSuffix(app)
  const left = (bridges ?? []).filter(({ id }) => id.endsWith(suffix))
  await settleAll(
    left.map(({ id: bridge }) => {
      const channel = bridge.slice(0, -suffix.length)
      const ids = { spy: `${channel}${SPY_SUFFIX}`, media: `${channel}${MEDIA_SUFFIX}`, bridge }
      return removeEar((...order) => ari.request(...order), ids)
    }),
  )
}
