import type { Arrival, ChannelFact, Whereabouts } from '../call/ports.js'
import { systemClock } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import type { ChannelId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import { ariChannel } from './ari-channel.js'
import { channelsIn, type RawEvent, readEvent } from './ari-events.js'
import { type Beat, startBeat } from './beat.js'
import { keepTrying } from './keep-trying.js'
import { isStillTaken } from './still-taken.js'
import { type AriAccess, type AriTransport, connectAri } from './transport/ari-transport.js'
import { type ListedChannel, whereaboutsOf } from './whereabouts.js'

/** Events that no call needs; they are most of what a busy PBX would send. */
const UNHEARD = [
  'ChannelVarset',
  'ChannelDialplan',
  'ChannelStateChange',
  'ChannelConnectedLine',
  'ChannelCallerId',
]

/** A moment as a PBX may tell it; it goes into the journal as it is. */
const MOMENT = /^[\d.:TZ+-]{1,40}$/
/** How often the PBX is asked since when it runs, of 2 s each. */
const START_TRIES = 3

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
  lookAtBridges(): Promise<void>
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
  let shut = false
  let connected = false
  /** Another process hears the application in our place. */
  let taken = false
  let startedAt: string | undefined
  let arrive = () => {}
  const reached = new Promise<void>(resolve => {
    arrive = resolve
  })
  const current = () => {
    if (!ari) throw new AppError('pbx.unavailable', 'the PBX has not been reached yet', { retryable: true })
    return ari
  }

  const beat = startBeat(settings.beat, () => (connected ? ari : undefined))

  const hear = (raw: RawEvent) => {
    counters.events += 1
    const reading = readEvent(raw, Date.now())
    if (!reading) counters.ignored += 1
    else if ('replaced' in reading) replaced()
    else if ('fact' in reading) sink.fact(reading.to, reading.fact)
    else sink.arrived({ ...reading.arrival, channel: channelOf(reading.to) })
  }
  const purposes = new Set<string>()
  const channelOf = (id: ChannelId) => ariChannel(id, settings.app, current, purposes)

  const lose = (reason: string) => {
    connected = false
    if (shut) return
    log.warn({ reason }, 'the PBX is out of hearing, reconnecting')
    sink.lost(reason)
    void reach()
  }

  const replaced = () => {
    log.error({ app: settings.app }, 'another process hears our ARI application: give each its own ARI_APP')
    taken = true
    // Its socket would stay open and say nothing.
    close?.()
    lose('replaced')
  }

  async function attempt(): Promise<void> {
    // Taking it back would be answered in kind, without end.
    if (taken && (await isStillTaken(current(), settings.app)))
      throw new AppError('pbx.conflict', 'the ARI application is still in use', { retryable: true })
    taken = false
    ari = await connectAri(settings)
    // The first beat comes before the first caller, so that a leftover keeper leaves that caller alone.
    await beat.write(ari)
    close = await ari.listen(settings.app, {
      event: hear,
      garbled: () => counters.garbled++,
      closed: lose,
    })
    if (shut) return close()
    connected = true
    await filterEvents(ari, settings.app, log)
    const started = await startOf(ari, () => connected)
    if (!connected) return
    const restarted = startedAt !== undefined && started !== undefined && started !== startedAt
    startedAt = started ?? startedAt
    sink.connected(restarted, started)
    arrive()
  }

  const reach = () =>
    keepTrying(attempt, {
      clock: systemClock,
      givenUp: () => shut,
      failed: error =>
        log.warn(
          { err: error instanceof Error ? error.message : 'unknown' },
          'the PBX cannot be reached, trying on',
        ),
    })
  void reach()

  return {
    get connected() {
      return connected
    },
    reached,
    counters,
    async whereabouts() {
      const { app } = settings
      const [known, list] = await Promise.all([
        current().request('applications', 'get', { applicationName: app }),
        current().request('channels', 'list', {}),
      ])
      const own = new Set((known as { channel_ids: string[] }).channel_ids)
      return new Map((list as ListedChannel[]).map(one => [one.id, whereaboutsOf(one, app, own)]))
    },
    async lookAtBridges() {
      for (const bridge of (await current().request('bridges', 'list', {})) as unknown[]) {
        const together = channelsIn(bridge)
        for (const channel of together) {
          const peers = together.filter(other => other !== channel)
          sink.fact(channel, { fact: 'with', peers, at: Date.now() })
        }
      }
    },
    channel: channelOf,
    closeDoor() {
      shut = true
      beat.stop()
      connected = false
      close?.()
    },
  }
}

/** Asks the PBX not to send what nobody reads. An older PBX that cannot is listened to all the same. */
async function filterEvents(ari: AriTransport, applicationName: string, log: Log): Promise<void> {
  const filter = { disallowed: UNHEARD.map(type => ({ type })) }
  await ari
    .request('applications', 'filter', { applicationName, body: JSON.stringify(filter) })
    .catch(error => log.info({ code: (error as AppError).code }, 'the PBX has no event filter'))
}

/** When the PBX was started, in its own words; undefined if it does not say. One that has just started may be slow to. */
async function startOf(ari: AriTransport, wanted: () => boolean): Promise<string | undefined> {
  for (let tries = 0; tries < START_TRIES && wanted(); tries += 1) {
    try {
      const info = await ari.request('asterisk', 'getInfo', { only: 'status' })
      const told = (info as { status?: { startup_time?: unknown } } | null | undefined)?.status?.startup_time
      return typeof told === 'string' && MOMENT.test(told) ? told : undefined
    } catch (error) {
      if (!(error as AppError).retryable) return undefined
    }
  }
  return undefined
}
