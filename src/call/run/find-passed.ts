import { DAY_MS } from '../../core/clock.js'
import type { ChannelId } from '../../core/ids.js'
import { logUnlessExpected } from '../../lib/faults.js'
import type { Log } from '../../lib/log.js'
import type { CallChannel, PassedCall, Whereabouts } from '../ports.js'
import type { Calls } from './calls.js'
import type { Trials } from './trials.js'

/**
 * Most channels that are checked for an unasked caller, at once and in all. A check takes some ms of the PBX for each
 * channel.
 */
const ASKED_AT_ONCE = 8
const MOST_ASKED = 2_000
/** How long before it passed a line a call may have begun, ms: it may have been transferred to the line. */
const LONGEST_CALL_MS = DAY_MS

export interface PassedDeps {
  calls: Calls
  trials: Pick<Trials, 'isRelated'>
  log: Log
  pbx: {
    readonly connected: boolean
    /** All channels of the PBX. */
    whereabouts(): Promise<ReadonlyMap<ChannelId, Whereabouts>>
    channel(channel: ChannelId): CallChannel
    /** The latest calls that passed unasked, as the PBX keeps them. */
    passedCalls(): Promise<readonly PassedCall[]>
  }
  /** Which of these channels have a call in the journal that began after a moment, ms since the epoch. @throws AppError `db.unavailable` */
  journalled(channels: readonly ChannelId[], since: number): Promise<ReadonlySet<ChannelId>>
}

/** Journals callers who passed unasked while the PBX had no application of ours, and whose channels still exist. */
export async function findPassed({ calls, trials, pbx, log }: PassedDeps): Promise<void> {
  try {
    const found = [...(await pbx.whereabouts())].slice(0, MOST_ASKED)
    const unknown = found.flatMap(([id, at]) =>
      at.in === 'dialplan' && calls.callIdOf(id) === undefined && !trials.isRelated(id) ? id : [],
    )
    const ask = async (): Promise<void> => {
      for (let id = unknown.pop(); id !== undefined && pbx.connected; id = unknown.pop()) {
        const channel = pbx.channel(id)
        const arrival = await channel.passedUnasked()
        if (arrival) calls.passed({ ...arrival, channel })
      }
    }
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask))
  } catch (error) {
    // If the connection is lost, this runs again after `connected`.
    logUnlessExpected(log, error, 'calls that passed unasked could not be looked for')
  }
}

/**
 * Journals calls that passed unasked and are over. The PBX keeps their time, channel and line, but not the caller's
 * number.
 *
 * @returns false if the PBX or the database did not answer: it must then be run again
 */
export async function findOver({ calls, pbx, journalled, log }: PassedDeps): Promise<boolean> {
  try {
    const passed = await pbx.passedCalls()
    if (passed.length === 0) return true
    // The channels are listed after reading the kept calls. A call that ends in between counts as over.
    const living = await pbx.whereabouts()
    const over = passed.filter(({ channel }) => !living.has(channel) && calls.callIdOf(channel) === undefined)
    const since = Math.min(...over.map(({ arrival }) => arrival.at)) - LONGEST_CALL_MS
    const channels = over.map(({ channel }) => channel)
    const known = over.length > 0 ? await journalled(channels, since) : new Set()
    const unknown = over.filter(({ channel }) => !known.has(channel))
    for (const { channel, arrival } of unknown) calls.passed({ ...arrival, channel: pbx.channel(channel) })
    calls.channelsGone(unknown.map(({ channel }) => channel))
    if (unknown.length > 0)
      log.warn({ calls: unknown.length }, 'calls that passed unasked and are over are journalled now')
    return true
  } catch (error) {
    logUnlessExpected(log, error, 'calls that passed unasked and are over could not be journalled')
    return false
  }
}
