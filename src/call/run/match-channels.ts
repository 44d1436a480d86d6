import { type Clock, DAY_MS } from '../../core/clock.js'
import type { ChannelId } from '../../core/ids.js'
import { logFault, logUnlessExpected } from '../../lib/faults.js'
import type { Log } from '../../lib/log.js'
import { sleep } from '../../lib/retry.js'
import type { CallChannel, DialplanUses, PassedCall, Whereabouts } from '../ports.js'
import type { Calls } from './calls.js'
import { stopLeftoverPlaybacks } from './prompt-player.js'
import type { Trials } from './trials.js'

/** Time between two comparisons, ms. Bounds how late an unreported end of a call is noticed. */
const INTERVAL_MS = 30_000
/**
 * Time between two searches for callers who wait in our application unserved, ms. Such a caller hears nothing. Usually
 * a search is one request with a short answer.
 */
const WAITING_INTERVAL_MS = 3_000
/**
 * Time between two searches for spies and for callers in a mailbox, ms. For 1,000 channels the PBX sends half a
 * megabyte.
 */
const USES_INTERVAL_MS = 10_000
/** How long a channel may be in our application without a call, ms. The event of its arrival may come this late. */
const ARRIVAL_LAG_MS = 1_000
/** The same for a channel whose call was returned, ms: the PBX may execute the order this late. */
const RETURN_LAG_MS = 3_000

/** The PBX, as the comparison of calls with channels needs it. */
export interface Switchboard {
  readonly connected: boolean
  /** Number of connections so far. */
  readonly connections: number
  /** All channels of the PBX. */
  whereabouts(): Promise<ReadonlyMap<ChannelId, Whereabouts>>
  dialplanUses(): Promise<DialplanUses>
  /** The channels that are in our application or followed by it, without those that the service made itself. A smaller request. */
  ownChannels(): Promise<readonly ChannelId[]>
  reportBridges(): Promise<void>
  channel(channel: ChannelId): CallChannel
}

export interface MatchDeps {
  calls: Calls
  trials: Pick<Trials, 'channels' | 'channelsGone' | 'isRelated' | 'hangUpStray'>
  pbx: Switchboard
  clock: Clock
  log: Log
}

/**
 * Compares the calls with the channels of the PBX. Ends calls whose channel is gone, resumes recovered calls, and
 * serves callers who wait in our application without an event of their arrival.
 */
export async function matchChannels(deps: MatchDeps): Promise<void> {
  const { calls, trials, pbx, log } = deps
  if (!pbx.connected) return
  try {
    // The calls are listed before the channels, so that a call that arrives in between is not taken for one without a
    // channel.
    const known = calls.channels()
    const rung = trials.channels()
    const takeList = calls.around.beginList()
    const found = await pbx.whereabouts()
    calls.channelsGone(known.filter(channel => !found.has(channel)))
    trials.channelsGone(rung.filter(channel => !found.has(channel)))
    calls.resumeRecovered(found)
    takeList(found)
    const { connections } = pbx
    await pbx.reportBridges()
    // If the connection was lost during the comparison, the list lacks later joins. Another comparison follows the next
    // connection.
    if (pbx.connected && pbx.connections === connections) calls.bridgesCompared()
    await takeIn(deps, found, ARRIVAL_LAG_MS)
  } catch (error) {
    logUnlessExpected(log, error, 'calls could not be compared with the channels of the PBX')
    // After a lost connection this runs again on `connected`. If only the answer fails, callers must not wait.
    if (pbx.connected) calls.resumeRecovered(undefined)
  }
}

/** Finds spies on calls, and callers in a mailbox of the PBX. No event reports them. */
export async function findUses({ calls, pbx, clock, log }: MatchDeps): Promise<void> {
  if (!pbx.connected || calls.size === 0) return
  try {
    const { spies, inMailbox } = await pbx.dialplanUses()
    calls.around.spies.listed(spies, clock.now())
    for (const channel of inMailbox) calls.around.pbxRecordings.inMailbox(channel)
  } catch (error) {
    // If the PBX does not answer, the next search follows.
    logUnlessExpected(log, error, 'spies and mailboxes could not be listed')
  }
}

/**
 * Serves callers who wait in our application without an event of their arrival. An event may be lost although the
 * connection lives. Channels in a conversation are skipped.
 */
export async function findWaiting(deps: MatchDeps): Promise<void> {
  const { calls, pbx } = deps
  if (!pbx.connected) return
  const mayWait = (id: ChannelId) => !calls.isServing(id) && calls.around.neighbours.peersOf(id).length === 0
  try {
    if (!(await pbx.ownChannels()).some(mayWait)) return
    await takeIn(deps, await pbx.whereabouts(), RETURN_LAG_MS)
  } catch (error) {
    // If the PBX does not answer, the next search follows.
    logUnlessExpected(deps.log, error, 'waiting callers could not be listed')
  }
}

/**
 * Serves the callers who wait in our application unserved, and removes leftover channels of ours. A channel counts if
 * it is found so twice.
 *
 * @param found all channels of the PBX, just listed
 * @param returnLagMs time to the second check of channels that have a call, ms; for all others it is `ARRIVAL_LAG_MS`
 */
async function takeIn(
  { calls, trials, pbx, clock, log }: MatchDeps,
  found: ReadonlyMap<ChannelId, Whereabouts>,
  returnLagMs: number,
): Promise<void> {
  const unserved = [...found].flatMap(([channel, at]) => (isUnserved(channel, at) ? channel : []))
  const [returned, others] = [true, false].map(has =>
    unserved.filter(channel => (calls.callIdOf(channel) !== undefined) === has),
  ) as [ChannelId[], ChannelId[]]
  await Promise.all([checkAgain(others, ARRIVAL_LAG_MS), checkAgain(returned, returnLagMs)])

  async function checkAgain(channels: readonly ChannelId[], lagMs: number): Promise<void> {
    if (channels.length === 0) return
    await sleep(clock, lagMs)
    const now = await pbx.whereabouts()
    for (const channel of channels)
      takeInOne(channel, now.get(channel)).catch(error =>
        logFault(log, error, 'a waiting caller could not be taken in', { channel }),
      )
  }

  async function takeInOne(id: ChannelId, at: Whereabouts | undefined): Promise<void> {
    if (!at || !mayTakeIn(id, at)) return
    const channel = pbx.channel(id)
    if (at.in === 'whisper' || at.in === 'ear') return channel.hangup().catch(() => {})
    if (at.in === 'trial') return trials.hangUpStray(channel, clock.now())
    await stopLeftoverPlaybacks(channel)
    if (!mayTakeIn(id, at)) return
    if (at.in === 'app') {
      log.warn(
        { channel: id },
        'the PBX did not report the arrival of a waiting caller; the caller is now asked',
      )
      const { in: _, ...arrival } = at
      calls.arrived({ ...arrival, at: clock.now(), channel })
    } else
      await channel.returnUntouched().then(
        () => log.warn({ channel: id }, 'a channel without a call was returned to the dialplan unrecorded'),
        () => {},
      )
  }

  /**
   * Whether a channel may be served. A stopping service serves no new caller, because it could not journal the end of
   * the call.
   */
  function mayTakeIn(channel: ChannelId, at: Whereabouts): boolean {
    return pbx.connected && isUnserved(channel, at)
  }

  /** Whether a channel is in our application, or belongs to it, without a call or trial that uses it. */
  function isUnserved(channel: ChannelId, at: Whereabouts): boolean {
    if (at.in === 'app') return !calls.isServing(channel)
    if (at.in === 'ear') return !calls.isServing(at.of) && !trials.isRelated(at.of)
    return at.in !== 'dialplan' && !calls.isRelated(channel) && !trials.isRelated(channel)
  }
}

/**
 * Compares calls with channels every 30 s, and at each connection. Searches for waiting callers every 3 s, and for
 * spies and mailboxes every 10 s.
 *
 * @param onConnected adds a callback for each time when the PBX can be heard
 */
export function keepMatching(
  deps: MatchDeps & PassedDeps,
  onConnected: (callback: () => void) => void,
): { stop(): void } {
  // The search for calls that passed unasked runs after each connection, again until it succeeds, and never twice at
  // once. The ended ones are found last: a call that ends in between counts as ended.
  let [isDue, findings] = [false, Promise.resolve()]
  const findWhenDue = () => {
    findings = findings.then(async () => {
      if (!isDue || !deps.pbx.connected) return
      isDue = false
      const isComplete = await findPassed(deps)
      if (!(await findOver(deps)) || !isComplete) isDue = true
    })
  }
  const logged = (work: Promise<void>) =>
    void work.catch(error => logFault(deps.log, error, 'a comparison of calls with channels ended early'))
  const match = () => logged(matchChannels(deps).then(findWhenDue))
  const matchAgain = async () => {
    await matchChannels(deps)
    isDue = true
    findWhenDue()
  }
  onConnected(() => logged(matchAgain()))
  const timer = setInterval(match, INTERVAL_MS)
  let cancelWaiting = () => {}
  let [isStopped, cancelUses] = [false, () => {}]
  const findUsesLater = () => {
    cancelUses = deps.clock.after(USES_INTERVAL_MS, () => {
      // The next request waits for the answer of a slow PBX.
      void findUses(deps).then(() => isStopped || findUsesLater())
    })
  }
  findUsesLater()
  const findWaitingLater = () => {
    cancelWaiting = deps.clock.after(WAITING_INTERVAL_MS, () => {
      void findWaiting(deps)
      findWaitingLater()
    })
  }
  findWaitingLater()
  return {
    stop() {
      clearInterval(timer)
      cancelWaiting()
      isStopped = true
      cancelUses()
    },
  }
}

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

/**
 * Journals callers who passed unasked while the PBX had no application of ours, and whose channels still exist.
 *
 * @returns false if the PBX did not answer: it must then be run again
 */
export async function findPassed({ calls, trials, pbx, log }: PassedDeps): Promise<boolean> {
  try {
    let isComplete = true
    const found = [...(await pbx.whereabouts())].slice(0, MOST_ASKED)
    const unknown = found.flatMap(([id, at]) =>
      at.in === 'dialplan' && calls.callIdOf(id) === undefined && !trials.isRelated(id) ? id : [],
    )
    const ask = async (): Promise<void> => {
      for (let id = unknown.pop(); id !== undefined && pbx.connected; id = unknown.pop()) {
        const channel = pbx.channel(id)
        try {
          const arrival = await channel.passedUnasked()
          if (arrival) calls.passed({ ...arrival, channel })
        } catch (error) {
          // The other channels are still asked.
          logUnlessExpected(log, error, 'a channel could not be asked whether its call passed unasked')
          isComplete = false
        }
      }
    }
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask))
    return isComplete && pbx.connected
  } catch (error) {
    logUnlessExpected(log, error, 'calls that passed unasked could not be listed')
    return false
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
