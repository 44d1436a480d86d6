import type { Arrival, ChannelFact, Whereabouts } from '../call/ports.js'
import { systemClock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import { isApplicationInUse } from './application-in-use.js'
import { createAriChannel } from './ari-channel.js'
import { channelsIn, type RawEvent, readEvent } from './ari-events.js'
import { type Beat, startBeat } from './beat.js'
import { retryForever } from './retry-forever.js'
import { type AriAccess, type AriTransport, connectAri } from './transport/ari-transport.js'
import { type ListedChannel, whereaboutsOf } from './whereabouts.js'

/** Events that no call needs; they are most of what a busy PBX would send. */
const UNUSED_EVENTS = [
  'ChannelVarset',
  'ChannelDialplan',
  'ChannelStateChange',
  'ChannelConnectedLine',
  'ChannelCallerId',
]

/** A moment as a PBX may tell it; it goes into the journal as it is. */
const TIMESTAMP_PATTERN = /^[\d.:TZ+-]{1,40}$/
/** How often the PBX is asked since when it runs, of 2 s each. */
const START_TIME_TRIES = 3

export interface TelephonySettings extends AriAccess {
  app: string
  /** How the service shows other services' keepers that it lives. */
  beat: Beat
}

/** Who is told what the PBX says. */
export interface TelephonySink {
  arrived(arrival: Arrival): void
  /** A fact about a channel; channels that are no calls of ours are told of too. */
  fact(channel: ChannelId, fact: ChannelFact): void
  /**
   * The event socket is up (again).
   * @param restarted the PBX is another process than the last time
   * @param started when it was started, in its own words, if it says so
   */
  connected(restarted: boolean, started?: string): void
  /** Nothing can be heard until `connected`. Orders may still work. */
  lost(reason: string): void
}

export interface Telephony {
  readonly connected: boolean
  /** Resolves once the PBX is heard for the first time; never, if the door is closed before. */
  readonly reached: Promise<void>
  readonly counters: { events: number; ignored: number; garbled: number }
  /** All channels of the PBX. */
  whereabouts(): Promise<Map<ChannelId, Whereabouts>>
  /** Tells anew who is together in a bridge; the PBX tells of most changes only who asks. */
  reportBridges(): Promise<void>
  channel(id: ChannelId): Arrival['channel']
  /** Takes no more calls: the PBX sends new ones on unrecorded. Orders to channels still work. */
  closeDoor(): void
}

/**
 * Connects to the PBX and stays connected, for ever, until `closeDoor`.
 * Returns at once; `connected` and `lost` tell how it stands.
 */
export function startTelephony(settings: TelephonySettings, sink: TelephonySink, log: Log): Telephony {
  const counters = { events: 0, ignored: 0, garbled: 0 }
  let ari: AriTransport | undefined
  let close: (() => void) | undefined
  let doorClosed = false
  let connected = false
  /** Another process hears the application in our place. */
  let applicationTaken = false
  let pbxStartedAt: string | undefined
  let resolveReached = () => {}
  const reached = new Promise<void>(resolve => {
    resolveReached = resolve
  })
  const currentTransport = () => {
    if (!ari) throw new AppError('pbx.unavailable', 'the PBX has not been reached yet', { retryable: true })
    return ari
  }

  const beat = startBeat(settings.beat, () => (connected ? ari : undefined))

  const handleEvent = (raw: RawEvent) => {
    counters.events += 1
    const reading = readEvent(raw, Date.now())
    if (!reading) counters.ignored += 1
    else if ('replaced' in reading) applicationReplaced()
    else if ('fact' in reading) sink.fact(reading.to, reading.fact)
    else sink.arrived({ ...reading.arrival, channel: channelOf(reading.to) })
  }
  const purposes = new Set<string>()
  const channelOf = (id: ChannelId) => createAriChannel(id, settings.app, currentTransport, purposes)

  const connectionLost = (reason: string) => {
    connected = false
    if (doorClosed) return
    log.warn({ reason }, 'the PBX is out of hearing, reconnecting')
    sink.lost(reason)
    void keepConnecting()
  }

  const applicationReplaced = () => {
    log.error({ app: settings.app }, 'another process hears our ARI application: give each its own ARI_APP')
    applicationTaken = true
    // Its socket would stay open and say nothing.
    close?.()
    connectionLost('replaced')
  }

  async function connect(): Promise<void> {
    // Taking it back would be answered in kind, without end.
    if (applicationTaken && (await isApplicationInUse(currentTransport(), settings.app)))
      throw new AppError('pbx.conflict', 'the ARI application is still in use', { retryable: true })
    applicationTaken = false
    ari = await connectAri(settings)
    // The first beat comes before the first caller, so that a leftover keeper leaves that caller alone.
    await beat.write(ari)
    close = await ari.listen(settings.app, {
      event: handleEvent,
      garbled: () => counters.garbled++,
      closed: connectionLost,
    })
    if (doorClosed) return close()
    connected = true
    await filterEvents(ari, settings.app, log)
    const started = await pbxStartTime(ari, () => connected)
    if (!connected) return
    const restarted = pbxStartedAt !== undefined && started !== undefined && started !== pbxStartedAt
    pbxStartedAt = started ?? pbxStartedAt
    sink.connected(restarted, started)
    resolveReached()
  }

  const keepConnecting = () =>
    retryForever(connect, {
      clock: systemClock,
      cancelled: () => doorClosed,
      onFirstFailure: error =>
        log.warn(
          { err: error instanceof Error ? error.message : 'unknown' },
          'the PBX cannot be reached, trying on',
        ),
    })
  void keepConnecting()

  return {
    get connected() {
      return connected
    },
    reached,
    counters,
    async whereabouts() {
      const { app } = settings
      const [application, list] = await Promise.all([
        currentTransport().request('applications', 'get', { applicationName: app }),
        currentTransport().request('channels', 'list', {}),
      ])
      const ownChannels = new Set((application as { channel_ids: string[] }).channel_ids)
      return new Map((list as ListedChannel[]).map(one => [one.id, whereaboutsOf(one, app, ownChannels)]))
    },
    async reportBridges() {
      for (const bridge of (await currentTransport().request('bridges', 'list', {})) as unknown[]) {
        const channels = channelsIn(bridge)
        for (const channel of channels) {
          const peers = channels.filter(other => other !== channel)
          sink.fact(channel, { fact: 'with', peers, at: Date.now() })
        }
      }
    },
    channel: channelOf,
    closeDoor() {
      doorClosed = true
      beat.stop()
      connected = false
      close?.()
    },
  }
}

/** Asks the PBX not to send what nobody reads. An older PBX that cannot is listened to all the same. */
async function filterEvents(ari: AriTransport, applicationName: string, log: Log): Promise<void> {
  const filter = { disallowed: UNUSED_EVENTS.map(type => ({ type })) }
  await ari
    .request('applications', 'filter', { applicationName, body: JSON.stringify(filter) })
    .catch(error => log.info({ code: (error as AppError).code }, 'the PBX has no event filter'))
}

/** When the PBX was started, in its own words; undefined if it does not say. One that has just started may be slow to. */
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
