import type { AppError } from '../core/errors.js'
import type { Log } from '../lib/log.js'
import type { AriTransport } from './transport/ari-transport.js'

/** Events that no call needs. They are most of what a busy PBX would send. */
const UNUSED_EVENTS = ['ChannelDialplan', 'ChannelStateChange', 'ChannelConnectedLine', 'ChannelCallerId']

/** The start time as a PBX may report it. It goes into the journal unchanged. */
const TIMESTAMP_PATTERN = /^[\d.:TZ+-]{1,40}$/
/** How often the PBX is asked for its start time. Each try takes 2 s at most. */
const START_TIME_TRIES = 3

/** Asks the PBX not to send events that no call needs. An older PBX has no filter and sends all events. */
export async function filterEvents(ari: AriTransport, applicationName: string, log: Log): Promise<void> {
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
export async function pbxStartTime(ari: AriTransport, connected: () => boolean): Promise<string | undefined> {
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
