/*
 * The room of recordings: it seals the audio of taps in containers, part by part, and recovers the recordings of
 * earlier services. The way of a block of audio from the keeper's socket to the disk, in the order in which to read it:
 *
 *  1. src/audio/tap/keeper-link.ts    reads frames from the keeper's socket
 *  2. src/audio/tap/keeper-client.ts  finds the tap by its pair number, and converts the time to the service's clock
 *  3. src/audio/tap/tap.ts            checks that the block begins where the one before it ended
 *  4. src/audio/tap-session.ts        gives each recording of the call what it keeps of the block, and counts that
 *  5. src/audio/tap-pauses.ts         has the gate of the tap, and the pauses of each recording
 *  6. src/audio/audio-gate.ts         holds the block until it is known whether it may be stored
 *  7. src/audio/redaction.ts          cuts what is left out of a recording
 *  8. src/audio/recording.ts          writes the pieces; a failure ends this recording only
 *  9. src/audio/part-writer.ts        makes the container with the first piece, and journals it
 * 10. src/vault/crypto/part-sealer.ts encrypts
 * 11. src/vault/store/store.ts        finds the folder of the purpose
 * 12. src/vault/store/disk-store.ts   writes and syncs, together for all calls
 * 13. src/audio/acknowledger.ts       acknowledges the block to the keeper, which then deletes its copy
 */
import { type Leg, SAMPLE_RATE } from '../core/audio.js'
import { dueDay } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { event } from '../core/events.js'
import { type CallId, newCallId, newPartId, newRecordingId, type RecordingId } from '../core/ids.js'
import type { OmittedBy } from '../core/party-events.js'
import type { Purpose } from '../core/policy.js'
import type { Grant, KeptAnswer, Recorder, RecordingSigns, Withdrawal } from '../core/ports.js'
import type { SideLosses } from '../core/sides.js'
import { tapName } from '../core/tap-name.js'
import type { Db } from '../db/database.js'
import type { Rescued } from '../keeper/protocol.js'
import { withDeadline } from '../lib/deadline.js'
import { destroyRecordings } from '../recordings/destroy/destroy.js'
import { sweepKeys } from '../recordings/destroy/sweep-keys.js'
import type { PartInfo } from '../vault/crypto/types.js'
import { hashUnendedParts, type UnendedPart } from './hash-unended-parts.js'
import type { LegLoss } from './leg-loss.js'
import { PartWriter } from './part-writer.js'
import { prepareRecordings } from './prepare-recordings.js'
import type { RecorderDeps } from './recorder-deps.js'
import { Recording } from './recording.js'
import { recoverRecordings } from './recover-recordings.js'
import { KeeperClient } from './tap/keeper-client.js'
import type { Tap, TapListener } from './tap/tap.js'
import type { TapSession } from './tap-session.js'
import { TapSessions } from './tap-sessions.js'

export type { RecorderDeps } from './recorder-deps.js'

/** Interval of the sweeps for keys that no recording uses, ms. Such keys are rare and open nothing. */
const SWEEP_INTERVAL = 3_600_000
/** Time until the second sweep, ms. A container that an earlier service left is old enough to be swept by then. */
const SECOND_SWEEP = 660_000

/** The interface of the room. */
export interface RunningRecorder extends Recorder {
  /**
   * Calls whose taps an earlier service began, and whose recordings continue. `endRecoveredExcept` ends those whose
   * channel no longer exists.
   */
  readonly recovered: readonly CallId[]
  /** Ends the recovered recordings of all calls but these. No event will report the end of their channels. */
  endRecoveredExcept(calls: readonly CallId[]): void
  /** Process id of the keeper; undefined while no keeper is attached. */
  readonly keeperPid: number | undefined
  /** Bytes of audio that the keeper holds. */
  readonly keeperHeldBytes: number
  /** Number of taps that run or are prepared. */
  readonly taps: number
  /** Opens pipes that belong to no call. @throws AppError `tap.unavailable` */
  openProbe(listener: TapListener): Promise<Tap>
  /** @returns the state of each running recording */
  signs(): RecordingSigns[]
  /** Reports every caller whom the keeper returned to the dialplan, also while no service ran. */
  onRescue(callback: (rescued: Rescued) => void): void
  /** Call this when the PBX becomes unreachable. A tap that ends after that may have ended because the PBX died. */
  pbxLost(): void
  /**
   * Call this when the PBX can be reached again.
   * @param started start time of the PBX, in its own format; a new start time means that the PBX before it lost audio
   */
  pbxBack(started?: string): void
  /** Ends the current parts. The keeper continues to read the running pipes for the next service. */
  stop(): Promise<void>
}

/**
 * Starts the recorder: attaches to the keeper or starts one, and recovers the recordings of earlier services.
 *
 * @throws AppError `tap.unavailable`
 */
export async function startRecorder(deps: RecorderDeps): Promise<RunningRecorder> {
  const { stamp, serves } = deps
  const client = await KeeperClient.start(deps.keeper, deps.log, { stamp, serves })
  const sessions = new TapSessions()
  /** Whether the participants are not reconciled yet. Audio that is recorded meanwhile is held back. */
  let awaitsLook = deps.awaitsLook === true
  const withdrawing = new Set<Promise<void>>()
  const keeping = new Set<Promise<void>>()
  let stopping = false
  let recovered: readonly CallId[] = []
  let pbx: string | undefined
  let unhashed: UnendedPart[]
  try {
    const { sessions: held, unended } = await recoverRecordings(deps, client)
    for (const session of held) sessions.add(session)
    sessions.recoverPauses()
    unhashed = unended
    recovered = sessions.calls
  } catch (error) {
    await client.stop()
    throw error
  }

  const upkeep = startUpkeep(deps, sessions, unhashed)
  const channelGone = async (call: CallId, at?: number): Promise<void> => {
    const ending = sessions.ofCall(call)
    await Promise.all(ending.map(session => session.channelGone(at)))
    sessions.remove(session => ending.includes(session))
  }

  return {
    recovered,
    endRecoveredExcept(calls) {
      for (const call of recovered) if (!calls.includes(call)) void channelGone(call)
    },
    get keeperPid() {
      return client.pid
    },
    get keeperHeldBytes() {
      return client.heldBytes
    },
    get taps() {
      return sessions.all.length
    },
    // No call has this tag, so a later service ends the tap.
    openProbe: listener => client.openTap(newCallId(), listener),
    signs: () => sessions.all.flatMap(session => session.signs),
    onRescue: callback => client.onRescue(callback),

    async prepare(call: CallId, line: string, grants: Grant[], pressing?: AbortSignal): Promise<string> {
      if (grants.some(({ purpose }) => sessions.records(call, purpose)))
        throw new AppError('tap.unavailable', 'the call is already recorded for this purpose')
      const preparing = prepareRecordings(deps, client, { call, line, grants, pbx, pressing })
      const { session, reference } = await (deps.work?.time('storage', preparing) ?? preparing)
      if (stopping) {
        await session.cancel('stopping')
        throw new AppError('tap.unavailable', 'the service is stopping')
      }
      // A recording that begins during a pause begins paused. A pause because of the line is not taken over: each
      // recording has its own.
      const by = sessions.pausedBy(call)
      const pausedBy = by === 'line' ? undefined : by
      sessions.add(session)
      if (awaitsLook) session.pauses.gate.hold(deps.clock.now())
      if (pausedBy) await session.pauses.pause(deps.clock.now(), pausedBy)
      return reference
    },

    findTap(name) {
      const taps = sessions.all.flatMap(({ recording, reference }) =>
        recording && reference ? [reference] : [],
      )
      return taps.find(tap => tapName(tap) === name)
    },

    hasAudio: tap => sessions.all.some(({ hasAudio, reference }) => hasAudio && reference === tap),

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

    pause(call: CallId, at: number, by: OmittedBy, purposes?: readonly Purpose[]) {
      const recorded = sessions.ofCall(call).filter(({ recording }) => recording)
      return recorded.length === 0
        ? undefined
        : Promise.all(recorded.map(({ pauses }) => pauses.pause(at, by, purposes)))
    },

    resume(call: CallId, at: number, by: OmittedBy | 'timeout', purposes?: readonly Purpose[]): boolean {
      const recorded = sessions.ofCall(call).filter(({ recording }) => recording)
      for (const { pauses } of recorded) pauses.resume(at, by, purposes)
      return recorded.length > 0
    },

    hold(call: CallId, from: number) {
      for (const { pauses } of sessions.ofCall(call)) pauses.gate.hold(from)
    },
    leaveOutHeld(call: CallId, at: number, by: OmittedBy, purposes?: readonly Purpose[]) {
      for (const { pauses } of sessions.ofCall(call)) pauses.leaveOutHeld(at, by, purposes)
    },
    releaseHeld() {
      awaitsLook = false
      for (const { pauses } of sessions.all) pauses.gate.told()
    },

    pausedSince: call => sessions.pausedSince(call),
    pausedBy: (call, purpose) => sessions.pausedBy(call, purpose),
    recordedPurposes: call => sessions.recordedPurposes(call),

    keepAnswer(kept: KeptAnswer): Promise<void> {
      const done = keepAnswer(deps, kept)
      keeping.add(done)
      return done.finally(() => keeping.delete(done))
    },

    restartTaps: (call, silenced, isRead) => sessions.restart(call, silenced, isRead),
    losses: callLosses(sessions),
    useTapOrders: ordersOf => {
      sessions.ordersOf = ordersOf
    },
    channelGone,

    pbxLost() {
      pbx = undefined
      awaitsLook = deps.awaitsLook === true
      for (const session of sessions.all) session.pbxLost()
    },

    pbxBack(started) {
      pbx = started
      for (const session of sessions.all) session.pbxBack(started)
    },

    async stop(): Promise<void> {
      stopping = true
      upkeep.stop()
      await Promise.all([...sessions.all.map(session => session.suspend()), ...withdrawing, ...keeping])
      await client.stop()
      await upkeep.ended()
    },
  }
}

/**
 * Hashes the parts that earlier services left without an end, and destroys keys that no recording uses: now and
 * regularly. Neither is awaited: the containers of an hour's calls may take longer to read than the keeper can hold
 * audio.
 */
function startUpkeep(deps: RecorderDeps, sessions: Pick<TapSessions, 'parts'>, unended: UnendedPart[]) {
  const stopHashing = new AbortController()
  let unhashed = unended
  let keysLeftBefore = 0

  const sweep = async (): Promise<void> => {
    // A key may belong to a recording whose event is not in the database yet.
    if (!deps.isJournalComplete()) return
    try {
      if (!(await deps.dayIsCertain())) return
      const { destroyed, ofDestroyed, left } = await sweepKeys(deps, sessions.parts)
      const swept = { destroyed, ofDestroyed, left, node: deps.owner.node }
      if (destroyed > 0 || left !== keysLeftBefore)
        deps.journal.note(event('keys.swept', null, deps.clock.now(), swept))
      keysLeftBefore = left
    } catch (error) {
      deps.log.error(
        { reason: (error as Error).message },
        'keys that no recording uses could not be searched; the next sweep tries again',
      )
    }
  }
  const hashParts = async (): Promise<void> => {
    unhashed = await hashUnendedParts(deps, unhashed, stopHashing.signal)
  }

  let hashing = hashParts()
  let sweeping = sweep()
  const again = () => {
    hashing = hashing.then(hashParts)
    sweeping = sweep()
  }
  const secondSweep = setTimeout(again, SECOND_SWEEP)
  const sweepInterval = setInterval(again, SWEEP_INTERVAL)
  return {
    stop(): void {
      stopHashing.abort()
      clearTimeout(secondSweep)
      clearInterval(sweepInterval)
    },
    /** Resolves when what was begun has ended. */
    ended: () => Promise.all([sweeping, hashing]),
  }
}

/** Finds the gaps of the legs of recorded calls, as `SideLosses`. */
function callLosses(sessions: Pick<TapSessions, 'ofCall'>): SideLosses {
  const recorded = (call: CallId) => sessions.ofCall(call).filter(({ recording }) => recording)
  const each = (call: CallId, leg: Leg, act: (loss: LegLoss) => void) => {
    for (const { losses } of recorded(call)) act(losses[leg])
  }
  return {
    watch: (call, leg, from) => each(call, leg, loss => loss.watch(from)),
    silentMs(call, leg) {
      const silent = recorded(call).map(({ losses }) => losses[leg].silentMs)
      return silent.find(ms => ms !== 'heard') ?? 'heard'
    },
    packets: (call, leg, from, to, came) => each(call, leg, loss => loss.packets({ from, to }, came)),
    left: (call, leg, at) => each(call, leg, loss => loss.left(at)),
    note(call) {
      for (const { losses } of recorded(call)) losses.note()
    },
  }
}

/** Reason in the act of destruction. */
const ACT_REASON = 'consent withdrawn by the caller with a key during the call'
const ACT_BY = 'consentry'

/**
 * Ends a call's recordings because consent was withdrawn. Before the first `await`, recording stops and the keys of all
 * parts that this process knows are being destroyed. The rest needs the database: containers, parts of earlier services
 * whose tap is gone, events, and the act. If the database is unavailable, the next purge does the rest. With `keep`,
 * recording stops and nothing is destroyed. Never rejects.
 */
async function withdrawRecordings(
  deps: RecorderDeps,
  taps: readonly TapSession[],
  call: CallId,
  { purposes, at, keep, stored }: Withdrawal,
): Promise<void> {
  const sessions = taps.filter(({ recordings }) => recordings.some(one => purposes.includes(one.purpose)))
  if (keep) {
    for (const session of sessions) session.endAt(at)
    return
  }
  await Promise.all(sessions.map(session => session.withdraw(purposes)))
  try {
    // Without its event, the withdrawal would destroy nothing.
    await stored
    const ids = await endedRecordings(deps.db, call, purposes)
    if (ids.length > 0)
      await destroyRecordings(deps, { cause: 'withdrawal', reason: ACT_REASON, by: ACT_BY }, [ids])
  } catch (error) {
    deps.log.warn(
      { call, code: codeOf(error) },
      'a withdrawal could not be completed; its keys are being destroyed, and the next purge does the rest',
    )
  }
}

/** @returns the call's ended recordings for these purposes that still have audio */
async function endedRecordings(db: Db, call: CallId, purposes: readonly string[]): Promise<RecordingId[]> {
  const rows = await db
    .selectFrom('recording')
    .where('call_id', '=', call)
    .where('purpose', 'in', purposes)
    .where('state', 'not in', ['recording', 'empty', 'failed', 'destroyed'])
    .select('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Longest time for store and key store, ms. No caller waits, and the sound waits in memory. */
const KEYS_TIMEOUT = 5_000
/** Longest time for the commit of the prepared recording, ms. No caller waits. */
const JOURNAL_TIMEOUT = 5_000

/**
 * Seals the words of a committed yes as a recording of their own, with one part and the caller's leg alone: the key
 * first, then the event, then the sound. A failure is journalled, and leaves neither key nor sound. Never rejects.
 */
async function keepAnswer(deps: RecorderDeps, kept: KeptAnswer): Promise<void> {
  const { call, grant, keeps, sound } = kept
  const { journal, clock, log, store, owner } = deps
  const { purpose, basis, retentionDays } = grant
  const due = dueDay(clock.now(), retentionDays)
  let part: PartWriter | undefined
  try {
    const prepared = store.checkWritable(purpose).then(() => PartWriter.prepare(infoOf(kept), due, deps))
    part = await withDeadline(prepared, { clock, ms: KEYS_TIMEOUT, error: keysTimedOut, onLate: destroyLate })
    const { recording } = part.info
    const data = { recording, purpose, keeps, basis: basis.event, due, tap: '', service: owner.service }
    await journal.append([event('recording.prepared', call, clock.now(), data)], JOURNAL_TIMEOUT)
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown'
    log.error({ call, purpose, code: reason }, 'a spoken yes could not be kept; it counts nevertheless')
    await part
      ?.destroy()
      .catch(() => log.error({ call }, 'a key could not be destroyed; the sweep does it later'))
    journal.note(
      event('recording.failed', call, clock.now(), {
        recording: part?.info.recording ?? null,
        purpose,
        reason,
      }),
    )
    return
  }
  const recording = new Recording({ part, deps, log })
  const seconds = sound.length / SAMPLE_RATE
  const bytes = Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength)
  await recording.write({ leg: 'caller', sample: 0, bytes, arrivedAt: kept.at })
  await recording.finish({ state: 'finished' }, seconds, 'unused')
}

const infoOf = ({ call, line, grant: { purpose, basis } }: KeptAnswer): PartInfo => ({
  ...{ recording: newRecordingId(), part: newPartId(), number: 1 },
  ...{ call, line, purpose, basis: basis.event, codec: 'slin' },
})

const keysTimedOut = () =>
  new AppError('keys.unwritable', `store and key store did not answer within ${KEYS_TIMEOUT} ms`, {
    retryable: true,
  })

/** The sweep destroys what this cannot. */
const destroyLate = (late: PartWriter): void => void late.destroy().catch(() => undefined)
