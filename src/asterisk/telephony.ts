import type { Arrival, ChannelFact } from '../call/ports.js'
import { backgroundTimers, systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import type { ChannelId } from '../core/ids.js'
import type { Log } from '../lib/log.js'
import { retry } from '../lib/retry.js'
import { isApplicationInUse } from './application-in-use.js'
import { createAriChannel } from './ari-channel.js'
import { removeLeftEars } from './ari-ear.js'
import { dialAnswered, isUnusedVariable, type RawEvent, readEvent } from './ari-events.js'
import { startBeat } from './beat.js'
import { BridgeWatch, bridgesAppOf } from './bridge-watch.js'
import { listDialplanUses } from './dialplan-uses.js'
import { examinePbx } from './examine-pbx.js'
import { inspectPbx } from './inspect-pbx.js'
import { openPhoneByOwnConnection, startProbeByOwnConnection } from './own-connection.js'
import { readPassedCalls } from './passed-calls.js'
import { createPhoneRecorder, leftRecordings, removeRecordings } from './phone-recorder.js'
import { filterEvents, pbxStartTime } from './prepare-pbx.js'
import { ringPhone } from './ring-phone.js'
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
      await bridges.look(currentTransport())
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
