import type { Arrival, ChannelFact, PassedCall } from '../call/ports.js'
import { backgroundTimers, systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import type { Log } from '../lib/log.js'
import { retry } from '../lib/retry.js'
import { createAriChannel } from './ari-channel.js'
import { removeLeftEars } from './ari-ear.js'
import {
  dialAnswered,
  fieldsOf,
  isUnusedVariable,
  keptArrival,
  type RawEvent,
  readEvent,
  textOf,
} from './ari-events.js'
import { startBeat } from './beat.js'
import { BridgeWatch, bridgesAppOf } from './bridge-watch.js'
import { listDialplanUses } from './dialplan-uses.js'
import { examinePbx, inspectPbx } from './inspect-pbx.js'
import { openPhoneByOwnConnection, startProbeByOwnConnection } from './own-connection.js'
import { createPhoneRecorder, leftRecordings, removeRecordings } from './phone-recorder.js'
import type { Telephony, TelephonySettings, TelephonySink } from './telephony-port.js'
import type { CloseSocket } from './transport/ari-socket.js'
import { type AriTransport, connectAri } from './transport/ari-transport.js'
import { channelsOf, listWhereabouts, mayBeCaller } from './whereabouts.js'

/*
 * This room connects to the PBX over ARI, the Asterisk REST Interface. It turns ARI events into facts for the calls, and orders to
 * channels into ARI requests. `transport/` is the only folder that uses ari-client.
 */

/** Waits between attempts to connect, ms. The last one repeats, so that a PBX that returns after an hour is found within 2 s. */
export const RECONNECT_MS = [100, 200, 500, 1_000, 2_000] as const
/** The PBX counts as heard if anything came from it within this time, ms. It is pinged each 1.5 s. */
const HEARD_WITHIN_MS = 2_500

/**
 * Connects to the PBX, and reconnects until `stopTakingCalls`. Returns at once; `connected` and `lost` of the sink report the state.
 */
export function startTelephony(settings: TelephonySettings, sink: TelephonySink, log: Log): Telephony {
  const counters = { events: 0, ignored: 0, garbled: 0 }
  let ari: AriTransport | undefined
  let close: CloseSocket | undefined
  const stopping = new AbortController()
  let connected = false
  let connections = 0
  /** Another process has taken over our ARI application. */
  let applicationTaken = false
  let pbxStartedAt: string | undefined
  /** Reason of the latest failed attempt to connect. */
  let whyNot: string | null = null
  let resolveReached = () => {}
  let caughtUp = (): Promise<void> => new Promise(() => {})
  let silentMs = () => 0
  const reached = new Promise<void>(resolve => {
    resolveReached = resolve
  })
  const currentTransport = () => {
    if (!ari) throw new AppError('pbx.unavailable', 'the PBX has not been reached yet', { retryable: true })
    return ari
  }

  const beat = startBeat(settings.beat, {
    clock: { ...systemClock, ...backgroundTimers },
    connection: () => (connected ? ari : undefined),
    onNoOrders: () => close?.('no-orders'),
  })

  const bridges = new BridgeWatch(bridgesAppOf(settings.app), sink, log)

  const handleEvent = (raw: RawEvent) => {
    counters.events += 1
    const receivedAt = Date.now()
    if (bridges.isFor(raw)) {
      if (!bridges.handle(raw, receivedAt, currentTransport)) counters.ignored += 1
      return
    }
    // The bridge that follows an answered Dial says more.
    const reading = (bridges.live ? null : dialAnswered(raw, receivedAt)) ?? readEvent(raw, receivedAt)
    if (!reading) counters.ignored += 1
    else if ('replaced' in reading) applicationReplaced()
    else if ('fact' in reading) factRead(reading.to, reading.fact)
    else arrivalRead(reading.to, reading.arrival)
  }
  function isUnused(message: string): boolean {
    if (!isUnusedVariable(message)) return false
    counters.events += 1
    counters.ignored += 1
    return true
  }
  function factRead(channel: ChannelId, fact: ChannelFact): void {
    sink.fact(channel, fact)
    if (fact.fact === 'hung-up') bridges.gone(channel, fact.at)
  }
  function arrivalRead(channel: ChannelId, arrival: Omit<Arrival, 'channel'>): void {
    sink.arrived({ ...arrival, channel: channelOf(channel) })
    bridges.arrived(channel, arrival.name ?? '', arrival.at)
  }
  const purposes = new Set<string>()
  const channelOf = (id: ChannelId) => createAriChannel(id, settings.app, currentTransport, purposes)

  const connectionLost = (reason: string, unheardMs: number) => {
    connected = false
    bridges.lost()
    if (stopping.signal.aborted) return
    log.warn({ reason }, 'the connection to the PBX is lost; reconnecting')
    sink.lost(reason, unheardMs)
    void keepConnecting()
  }

  const applicationReplaced = () => {
    log.error(
      { app: settings.app },
      'another process took over our ARI application; give each service its own ARI_APP',
    )
    applicationTaken = true
    // Asterisk leaves the replaced event socket open, without events.
    close?.('replaced')
  }

  async function connect(): Promise<void> {
    // Two services would otherwise take the application back from each other for ever.
    if (applicationTaken && (await isApplicationInUse(currentTransport(), settings.app)))
      throw new AppError(
        'pbx.conflict',
        'our ARI application is still in use, by another process or by its channels',
        { retryable: true },
      )
    applicationTaken = false
    ari = await connectAri(settings)
    // The first beat precedes the first caller. A leftover keeper then does not rescue that caller, and no caller
    // enters a PBX that executes no orders.
    await beat.write(ari)
    // Before the first caller: a new ear or recording could not be distinguished from a leftover one.
    const ears = removeLeftEars(ari, settings.app).catch(() => undefined)
    const [left] = await Promise.all([leftRecordings(ari, settings.app), ears])
    close = await ari.listen(`${settings.app},${bridgesAppOf(settings.app)}`, {
      event: handleEvent,
      isUnused,
      garbled: () => counters.garbled++,
      closed: connectionLost,
      opened(given) {
        caughtUp = given.caughtUp
        silentMs = given.silentMs
      },
    })
    if (stopping.signal.aborted) return close()
    connected = true
    connections += 1
    void removeRecordings(ari, left)
    const connection = connections
    // The connection may have been lost meanwhile, with another one being set up.
    const isCurrent = () => connected && connections === connection
    await filterEvents(ari, settings.app, log)
    if (isCurrent()) await bridges.follow(ari)
    const started = await pbxStartTime(ari, () => connected)
    if (!isCurrent()) return
    const restarted = pbxStartedAt !== undefined && started !== undefined && started !== pbxStartedAt
    pbxStartedAt = started ?? pbxStartedAt
    sink.connected(restarted, started)
    resolveReached()
  }

  const keepConnecting = () =>
    retry(connect, {
      clock: systemClock,
      waitsMs: RECONNECT_MS,
      signal: stopping.signal,
      onFailure(error, failures) {
        const err = error instanceof Error ? error.message : 'unknown'
        whyNot = err
        // Further failures belong to the same outage.
        if (failures > 1) return
        log.warn({ err }, 'the PBX cannot be reached; retrying')
      },
    })
  void keepConnecting()

  return {
    get connected() {
      return connected
    },
    get connections() {
      return connections
    },
    get hears() {
      const none = stopping.signal.aborted || applicationTaken
      return none || (connected && silentMs() < HEARD_WITHIN_MS)
    },
    reached,
    counters,
    caughtUp: () => caughtUp(),
    get remembered() {
      return bridges.size
    },
    whereabouts: () => listWhereabouts(currentTransport(), settings.app),
    dialplanUses: () => listDialplanUses(currentTransport()),
    ownChannels: async () => (await channelsOf(currentTransport(), settings.app)).filter(mayBeCaller),
    async reportBridges() {
      // A refusal while disconnected says nothing about the PBX of the next connection.
      if (!connected) throw new AppError('pbx.unavailable', 'the PBX is not heard', { retryable: true })
      if (!bridges.live) await bridges.follow(currentTransport())
      await bridges.compare(currentTransport())
    },
    passedCalls: () => readPassedCalls(currentTransport(), settings.app),
    channel: channelOf,
    async ring(channel, endpoint, line, seconds) {
      // Orders may work while no events arrive. An answering participant would then hear nothing.
      if (!connected) throw new AppError('pbx.unavailable', 'the PBX is not heard', { retryable: true })
      await ringPhone(currentTransport(), settings.app, { channel, endpoint, line, seconds })
    },
    async inspect() {
      const known = { url: new URL(settings.url).origin, app: settings.app, connected }
      const unknown = { version: null, registered: null, included: null, current: null }
      if (!connected || !ari) return { ...known, reason: whyNot, ...unknown }
      return { ...known, reason: null, ...(await inspectPbx(ari, settings.app)) }
    },
    async examine() {
      const { app, url } = settings
      const found = await examinePbx(currentTransport(), { url, app, through: app })
      return { ...found, followed: bridges.live ?? null }
    },
    // A separate connection keeps the probe out of the events of calls.
    probeTap: tap => startProbeByOwnConnection(settings, tap),
    phoneOfProbe: tap => openPhoneByOwnConnection(settings, tap),
    recorder: channel => createPhoneRecorder(channel, settings, currentTransport),
    stopTakingCalls() {
      stopping.abort()
      beat.stop()
      connected = false
      close?.()
    },
  }
}

const ignoreEvents = { event() {}, garbled() {}, closed() {} }

/**
 * Whether an ARI application is in use: a process is connected to it, or channels that it subscribed to still exist. ARI does not
 * distinguish the two.
 *
 * @throws AppError `pbx.unavailable`, `pbx.timeout`, `pbx.refused`
 */
async function isApplicationInUse(ari: AriTransport, app: string): Promise<boolean> {
  try {
    await ari.request('applications', 'get', { applicationName: app })
  } catch (error) {
    if (codeOf(error) === 'pbx.gone') return false
    throw error
  }
  // Asterisk forgets an unused application only when the socket of another application closes.
  const close = await ari.listen(`${app}-query`, ignoreEvents)
  close()
  return true
}

/** Number of global variables that consentry.conf uses in turn for such calls. */
const PLACES = 500
/** Most of them that are read at once. */
const AT_ONCE = 8

/**
 * The latest calls that passed unasked because the application was away, as consentry.conf keeps them in global variables.
 *
 * @throws AppError `pbx.*`
 */
export async function readPassedCalls(ari: AriTransport, app: string): Promise<PassedCall[]> {
  const places = Array.from({ length: PLACES }, (_, place) => place)
  const found: PassedCall[] = []
  const read = async (): Promise<void> => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const variable = `CONSENTRY_PASSED_${app}_${place}`
      const answer = await ari.request('asterisk', 'getGlobalVar', { variable })
      const kept = keptArrival(textOf(fieldsOf(answer)['value']))
      if (kept) found.push(kept)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, read))
  return found
}

/** Events that no call needs. They are most of what a busy PBX would send. */
const UNUSED_EVENTS = ['ChannelDialplan', 'ChannelStateChange', 'ChannelConnectedLine', 'ChannelCallerId']

/** The start time as a PBX may report it. It goes into the journal unchanged. */
const TIMESTAMP_PATTERN = /^[\d.:TZ+-]{1,40}$/
/** How often the PBX is asked for its start time. Each try takes 2 s at most. */
const START_TIME_TRIES = 3

/** Asks the PBX not to send events that no call needs. An older PBX has no filter and sends all events. */
async function filterEvents(ari: AriTransport, applicationName: string, log: Log): Promise<void> {
  const filter = { disallowed: UNUSED_EVENTS.map(type => ({ type })) }
  await ari
    .request('applications', 'filter', { applicationName, body: JSON.stringify(filter) })
    .catch(error =>
      log.info({ code: (error as AppError).code }, 'this PBX cannot filter events and sends all of them'),
    )
}

/**
 * When the PBX was started, by its own report; undefined without one. A PBX that has just started may be slow to reply.
 */
async function pbxStartTime(ari: AriTransport, connected: () => boolean): Promise<string | undefined> {
  for (let tries = 0; tries < START_TIME_TRIES && connected(); tries += 1) {
    try {
      const info = await ari.request('asterisk', 'getInfo', { only: 'status' })
      const startTime = (info as { status?: { startup_time?: unknown } } | null | undefined)?.status
        ?.startup_time
      return typeof startTime === 'string' && TIMESTAMP_PATTERN.test(startTime) ? startTime : undefined
    } catch (error) {
      if (!(error as AppError).retryable) return undefined
    }
  }
  return undefined
}

/** The place of consentry.conf that hands an answered phone to our application, and hangs it up when it comes back. */
const PLACE = { context: 'consentry-trial', extension: 's', priority: 1 }

/** A phone to ring. */
interface Ringing {
  channel: ChannelId
  endpoint: string
  line: string
  seconds: number
}

/**
 * Rings a phone, see `RingingPbx`. Its channel enters our application through the dialplan, so that every return to the
 * dialplan, such as by a rescue, leads to the hangup there.
 *
 * @throws AppError `pbx.*`
 */
export async function ringPhone(
  ari: AriTransport,
  app: string,
  { channel, endpoint, line, seconds }: Ringing,
): Promise<void> {
  await ari.request('channels', 'originateWithId', {
    ...{ channelId: channel, endpoint, ...PLACE, timeout: seconds },
    callerId: `"Consentry ${line}" <${line}>`,
  })
  try {
    // Without this, the PBX would report the channel only while it is in our application.
    await ari.request('applications', 'subscribe', {
      applicationName: app,
      eventSource: `channel:${channel}`,
    })
    await requirePlace(ari, channel)
  } catch (error) {
    await ari.request('channels', 'hangup', { channelId: channel }).catch(() => undefined)
    throw error
  }
}

/**
 * Refuses a phone that could not enter our application. The dialplan can only be asked through a channel, so the phone
 * rings already.
 *
 * @throws AppError `ring.refused`
 */
async function requirePlace(ari: AriTransport, channelId: ChannelId): Promise<void> {
  const { context, extension, priority } = PLACE
  const variable = `DIALPLAN_EXISTS(${context},${extension},${priority})`
  const reply = await ari.request('channels', 'getChannelVar', { channelId, variable }).catch(() => undefined)
  if ((reply as { value?: unknown } | undefined)?.value === '0')
    throw new AppError(
      'ring.refused',
      'The dialplan of the PBX has no consentry-trial: include the asterisk/consentry.conf of this version, and reload the dialplan.',
    )
}
