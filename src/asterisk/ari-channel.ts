import type { BehindLocal, CallChannel, RtpStream, ShownChannel } from '../call/ports.js'
import { otherHalf } from '../core/endpoint.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import { createAriEar } from './ari-ear.js'
import { fieldsOf, isChannel, partyOf, passedArrival, textOf } from './ari-events.js'
import { createTapOrders } from './ari-tap-orders.js'
import { createAriWhisper } from './ari-whisper.js'
import { dialplanPlaceOf, globalVariablesOf } from './outcome.js'
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
    behind: name => readBehind(ari(), channelId, name, subscribe).catch(() => undefined),
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
      } catch (error) {
        if (error instanceof AppError && !error.retryable) return undefined
        throw error
      }
    },
    follow: () => subscribe(channelId),
    hearKeysOf: subscribe,
  }
}

/** Requests at a time. */
const AT_ONCE = 10

/**
 * Asks the PBX what RTP it receives on channels (ARI `rtp_statistics`). Channels without RTP and ended channels are
 * missing from the answer.
 *
 * `CHANNEL(rtcp,…)` gives the same, and must not be read by `IMPORT`, which would let one request ask for many
 * channels. `IMPORT` locks the channel, and the function waits for the thread of its SIP session, which may wait for
 * that lock. Asterisk would then accept no more calls.
 */
export async function readRtpStreams(
  ari: AriTransport,
  channels: readonly ChannelId[],
): Promise<ReadonlyMap<ChannelId, RtpStream>> {
  const streams = new Map<ChannelId, RtpStream>()
  for (let i = 0; i < channels.length; i += AT_ONCE)
    await Promise.all(
      channels.slice(i, i + AT_ONCE).map(async channelId => {
        const answer = await ari.request('channels', 'rtpstatistics', { channelId }).catch(() => undefined)
        const { remote_ssrc: source, rxploss: lost } = fieldsOf(answer)
        if (typeof source === 'number' && source > 0)
          streams.set(channelId, { source, lost: typeof lost === 'number' ? lost : 0 })
      }),
    )
  return streams
}

/** Names that may stand in a function of the dialplan. */
const SAFE_NAME = /^Local\/[\w.+*#@-]+;[12]$/

/**
 * Reads the other half of a `Local` channel, which the dialplan runs.
 *
 * @param channelId of one half
 * @param name of that half
 * @param subscribe subscribes to the events of a channel. Called before the read, so that later changes are reported
 * @throws AppError `pbx.*`
 */
async function readBehind(
  ari: AriTransport,
  channelId: string,
  name: string,
  subscribe: (half: BehindLocal['half']) => Promise<void>,
): Promise<BehindLocal | undefined> {
  const other = otherHalf(name) ?? ''
  if (!SAFE_NAME.test(other)) return undefined
  const variableOf = (channel: string) => async (variable: string) => {
    const answer = await ari.request('channels', 'getChannelVar', { channelId: channel, variable })
    return (answer as { value?: unknown } | undefined)?.value
  }
  const half = await variableOf(channelId)(`IMPORT(${other},CHANNEL(uniqueid))`)
  if (!isChannel(half)) return undefined
  await subscribe(half)
  const listed = await ari.request('channels', 'get', { channelId: half })
  const { app_name, app_data } = await dialplanOf(listed as ListedChannel, variableOf(half))
  return { half, dials: app_name === 'Dial' ? dialledBy(app_data ?? '') : [] }
}

/**
 * The endpoints that a `Dial` dials.
 *
 * @param data its arguments, such as `PJSIP/anna/sip:anna@10.0.0.1&PJSIP/4930123@carrier,30,t`
 * @returns a channel of each endpoint, with a made-up number
 */
export function dialledBy(data: string): ShownChannel[] {
  const [destinations = ''] = data.split(',')
  return destinations
    .split('&')
    .filter(one => one !== '')
    .map(one => {
      const [technology = '', resource = ''] = one.split('/')
      const endpoint = resource.slice(resource.lastIndexOf('@') + 1)
      return { name: technology === 'Local' ? one : `${technology}/${endpoint}-0` }
    })
}
