import { sweepKeys } from '../destruction/sweep-keys.js'
import type { Rescued } from '../keeper/protocol.js'
import { AppError } from '../shared/errors.js'
import { event, type PauseBy } from '../shared/events.js'
import type { CallId } from '../shared/ids.js'
import type { Grant, Recorder, RecordingSigns, Withdrawal } from '../shared/ports.js'
import { KeeperClient } from '../tap/keeper-client.js'
import { hashUnendedParts, type UnendedPart } from './hash-unended-parts.js'
import { prepareRecordings } from './prepare-recordings.js'
import type { RecorderDeps } from './recorder-deps.js'
import { recoverRecordings } from './recover-recordings.js'
import { TapSessions } from './tap-sessions.js'
import { withdrawRecordings } from './withdraw-recordings.js'

export type { RecorderDeps } from './recorder-deps.js'

/** ms between two searches for keys that nothing refers to; such keys are rare and open nothing. */
const SWEEP_INTERVAL = 3_600_000
/** ms until the second sweep: by then a container that an earlier service left is old enough to be swept. */
const SECOND_SWEEP = 660_000

/** The recorder at work. */
export interface RunningRecorder extends Recorder {
  /**
   * Calls whose taps a service before this one had begun. Their recordings go on; `channelGone` must be called for
   * those whose channel is no longer there.
   */
  readonly recovered: readonly CallId[]
  /** Process id of the keeper; undefined while there is none. */
  readonly keeperPid: number | undefined
  /** Bytes of audio that the keeper holds. */
  readonly keeperHeldBytes: number
  /** Taps that run or are about to. */
  readonly taps: number
  /** How each recording that runs is doing. */
  signs(): RecordingSigns[]
  /** Hears of every caller whom the keeper sent back to the dialplan, also while no service ran. */
  onRescue(callback: (rescued: Rescued) => void): void
  /** The PBX cannot be heard: a tap that ends now may have ended with the PBX itself. */
  pbxLost(): void
  /**
   * The PBX can be heard.
   * @param started when it was started, in its own words: what another one was writing before it was cut off
   */
  pbxBack(started?: string): void
  /** Ends the parts in the making and leaves the running pipes to the keeper, for a successor. */
  stop(): Promise<void>
}

/**
 * Starts recording: attaches to the keeper or starts one, and goes on with what a service before us left.
 *
 * @throws AppError `tap.unavailable`
 */
export async function startRecorder(deps: RecorderDeps): Promise<RunningRecorder> {
  const client = await KeeperClient.start(deps.keeper, deps.log, deps.stamp)
  const sessions = new TapSessions()
  const withdrawing = new Set<Promise<void>>()
  let stopping = false
  let recovered: readonly CallId[] = []
  let pbx: string | undefined
  let unhashed: UnendedPart[]
  let keysLeftBefore = 0
  try {
    const { sessions: held, left } = await recoverRecordings(deps, client)
    for (const session of held) sessions.add(session)
    unhashed = left
    recovered = sessions.calls
  } catch (error) {
    await client.stop()
    throw error
  }

  const sweep = async (): Promise<void> => {
    // What is still to be entered may be all that refers to a key.
    if (deps.isJournalComplete?.() === false) return
    try {
      if ((await deps.dayIsCertain?.()) === false) return
      const { destroyed, left } = await sweepKeys(deps, sessions.parts)
      if (destroyed > 0 || left !== keysLeftBefore)
        deps.journal.note(
          event('keys.swept', null, deps.clock.now(), { destroyed, left, node: deps.owner.node }),
        )
      keysLeftBefore = left
    } catch (error) {
      deps.log.error({ reason: (error as Error).message }, 'could not search for keys that nothing refers to')
    }
  }
  // Not awaited: reading the containers of an hour's calls may take longer than the keeper can hold audio.
  const stopHashing = new AbortController()
  const hashParts = async (): Promise<void> => {
    unhashed = await hashUnendedParts(deps, unhashed, stopHashing.signal)
  }
  let hashing = hashParts()
  let sweeping = sweep()
  const sweepAgain = () => {
    hashing = hashing.then(hashParts)
    sweeping = sweep()
  }
  const secondSweep = setTimeout(sweepAgain, SECOND_SWEEP)
  const sweepInterval = setInterval(sweepAgain, SWEEP_INTERVAL)

  return {
    recovered,
    get keeperPid() {
      return client.pid
    },
    get keeperHeldBytes() {
      return client.heldBytes
    },
    get taps() {
      return sessions.all.length
    },
    signs: () => sessions.all.flatMap(session => session.signs),
    onRescue: callback => client.onRescue(callback),

    async prepare(call: CallId, line: string, grants: Grant[], pressing?: AbortSignal): Promise<string> {
      if (grants.some(({ purpose }) => sessions.records(call, purpose)))
        throw new AppError('tap.unavailable', 'the call is recorded for this purpose already')
      const { session, reference } = await prepareRecordings(deps, client, {
        call,
        line,
        grants,
        pbx,
        pressing,
      })
      if (stopping) {
        await session.cancel('stopping')
        throw new AppError('tap.unavailable', 'the service is stopping')
      }
      // What begins in a pause, for a further purpose, begins paused.
      const paused = sessions.pausedSince(call)
      if (paused !== undefined) session.recoverPause(paused)
      sessions.add(session)
      return reference
    },

    readyTap: call => sessions.ofCall(call).find(({ recording }) => recording)?.reference,

    async abandon(tap: string, reason: string): Promise<void> {
      const unused = sessions.remove(session => session.reference === tap)
      await Promise.all(unused.map(session => session.cancel(reason)))
    },

    handedOver(tap: string, at: number): void {
      for (const session of sessions.all) if (session.reference === tap) session.handedOver(at)
    },

    async isUnused(tap: string): Promise<boolean> {
      return (await sessions.all.find(session => session.reference === tap)?.isUnused()) === true
    },

    withdraw(call: CallId, withdrawal: Withdrawal): Promise<void> {
      const done = withdrawRecordings(deps, sessions.ofCall(call), call, withdrawal)
      withdrawing.add(done)
      return done.finally(() => withdrawing.delete(done))
    },

    pause(call: CallId, at: number, by: PauseBy) {
      const recorded = sessions.ofCall(call).filter(({ recording }) => recording)
      return recorded.length === 0 ? undefined : Promise.all(recorded.map(session => session.pause(at, by)))
    },

    resume(call: CallId, at: number, by: PauseBy | 'timeout'): boolean {
      const recorded = sessions.ofCall(call).filter(({ recording }) => recording)
      for (const session of recorded) session.resume(at, by)
      return recorded.length > 0
    },

    pausedSince: call => sessions.pausedSince(call),

    async channelGone(call: CallId): Promise<void> {
      const ending = sessions.ofCall(call)
      await Promise.all(ending.map(session => session.channelGone()))
      sessions.remove(session => ending.includes(session))
    },

    pbxLost() {
      pbx = undefined
      for (const session of sessions.all) session.pbxLost()
    },

    pbxBack(started) {
      pbx = started
      for (const session of sessions.all) session.pbxBack(started)
    },

    async stop(): Promise<void> {
      stopping = true
      stopHashing.abort()
      clearTimeout(secondSweep)
      clearInterval(sweepInterval)
      await Promise.all([...sessions.all.map(session => session.suspend()), ...withdrawing])
      await client.stop()
      await Promise.all([sweeping, hashing])
    },
  }
}
