import type { CallChannel } from '../call/ports.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { createAriEar } from './ari-ear.js'
import { fieldsOf, partyOf, passedArrival, textOf } from './ari-events.js'
import { createTapOrders } from './ari-tap-orders.js'
import { createAriWhisper } from './ari-whisper.js'
import { lookBehind } from './behind-local.js'
import { dialplanPlaceOf, globalVariablesOf } from './outcome.js'
import { readRtpStreams } from './rtp-sources.js'
import type { AriTransport } from './transport/ari-transport.js'
import { dialplanOf, type ListedChannel, playsMusic, queueOf, runsOurStasis } from './whereabouts.js'

/**
 * Sends one channel's orders over ARI.
 *
 * @param ari gives the current transport, because each reconnect brings a new one
 * @param purposes names of all purposes that were sent to the dialplan so far, for any channel
 */
export function createAriChannel(
  channel: ChannelId,
  app: string,
  ari: () => AriTransport,
  purposes: Set<string>,
): CallChannel {
  const channelId = channel
  const send = async (resource: string, operation: string, args: object) => {
    await ari().request(resource, operation, args)
  }
  const variable = async (name: string) => {
    const reply = await ari().request('channels', 'getChannelVar', { channelId, variable: name })
    return (reply as { value?: unknown } | undefined)?.value
  }
  const subscribe = (to: ChannelId) =>
    send('applications', 'subscribe', { applicationName: app, eventSource: `channel:${to}` })
  const checkInApplication = async () => {
    const listed = await ari().request('channels', 'get', { channelId })
    const dialplan = await dialplanOf(listed as ListedChannel, variable)
    if (!runsOurStasis(dialplan, app))
      throw new AppError('pbx.conflict', 'the channel is not in our application')
  }
  const taps = createTapOrders(channel, ari)
  return {
    id: channel,
    answer: () => send('channels', 'answer', { channelId }),
    play: (media, playbackId) =>
      send('channels', 'playWithId', { channelId, playbackId, media: `sound:${media}` }),
    stopPlaying: playbackId => send('playbacks', 'stop', { playbackId }),
    /**
     * Sends the outcome in the extension of `consentry-decided` (asterisk/consentry.conf) and in global variables, not in channel
     * variables. When ARI has set a channel variable, Asterisk 22.10 refuses STAT and similar functions to the rest of that call's
     * dialplan, so that a later yes could not be tapped.
     */
    async tell(outcome) {
      const globals = globalVariablesOf(outcome, app, purposes)
      const sent = globals.map(([name, value]) => send('asterisk', 'setGlobalVar', { variable: name, value }))
      if (outcome.tap) sent.push(subscribe(channelId))
      await Promise.all(sent)
    },
    returnToDialplan: outcome =>
      send('channels', 'continueInDialplan', { channelId, ...dialplanPlaceOf(outcome) }),
    checkInApplication,
    async returnUntouched() {
      await checkInApplication()
      await send('channels', 'continueInDialplan', { channelId })
    },
    hangup: () => send('channels', 'hangup', { channelId }),
    whisper: () => createAriWhisper(channel, app, send),
    feed: (host, port) => createAriEar(channel, app, { host, port }, ari),
    async startedTap(tap) {
      try {
        return (await variable('CONSENTRY_TAP')) === tap
      } catch (error) {
        // If the PBX does not say, the tap counts as started, so that its pipes stay. A cut recording is worse than an empty one.
        return codeOf(error) !== 'pbx.gone'
      }
    },
    async recordedByPbx() {
      // Ours has no file of this name. MIXMONITOR(…) must not be read: Asterisk 22.10 crashes on it for a MixMonitor such as ours.
      const file = await variable('MIXMONITOR_FILENAME').catch(() => undefined)
      return typeof file === 'string' && file.trim() !== ''
    },
    stopPbxRecordings: taps.stopOthers,
    taps,
    async heardMusic() {
      const listed = await ari()
        .request('channels', 'get', { channelId })
        .catch(() => undefined)
      return playsMusic((listed as ListedChannel | undefined)?.dialplan)
    },
    async packetsFrom(peer) {
      const stats = await ari()
        .request('channels', 'rtpstatistics', { channelId: peer })
        .catch(() => undefined)
      const count = fieldsOf(stats)['rxcount']
      return typeof count === 'number' ? count : undefined
    },
    rtpOf: channels => readRtpStreams(ari(), channels).catch(() => new Map()),
    behind: name => lookBehind(ari(), channelId, name, subscribe).catch(() => undefined),
    async queue() {
      try {
        const listed = await ari().request('channels', 'get', { channelId })
        return queueOf(await dialplanOf(listed as ListedChannel, variable))
      } catch {
        return null
      }
    },
    async callerNumber() {
      const listed = await ari()
        .request('channels', 'get', { channelId })
        .catch(() => undefined)
      return partyOf([], textOf(fieldsOf(fieldsOf(listed)['caller'])['number'])).caller
    },
    async passedUnasked() {
      try {
        const passed = textOf(await variable('CONSENTRY_PASSED'))
        if (passed === '') return undefined
        return passedArrival(await ari().request('channels', 'get', { channelId }), passed.split(','))
      } catch {
        return undefined
      }
    },
    follow: () => subscribe(channelId),
    hearKeysOf: subscribe,
  }
}
