/*
 * Destruction makes recordings unreadable for good and writes the act that proves it. This file is the way in: purge, erasure
 * and withdrawal call it. The room also sweeps key files that nothing refers to, and deletes acts whose own retention has ended.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { AppError, codeOf } from '../../core/errors.js'
import { event, withDeterministicId } from '../../core/events.js'
import { type ActId, newActId, type RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { type SessionLock, trySessionLock } from '../../db/session-lock.js'
import { isWithdrawn } from '../../journal/read/withdrawn.js'
import { inParallel } from '../../lib/lane.js'
import { archiveAt } from '../../vault/store/object-name.js'
import { closeAct, JOURNAL_CONFIRM_MS, listUndestroyed, openActs } from './acts.js'
import { type ActRecording, assignToAct, STALE_AFTER_MS } from './assign-to-act.js'
import { removeAudio } from './remove-audio.js'
import type { DestroyDeps, DestructionRequest, DestructionResult, ProgressListener } from './types.js'

export { JOURNAL_CONFIRM_MS } from './acts.js'
export { STALE_AFTER_MS } from './assign-to-act.js'
export type { DestroyDeps, DestructionRequest, DestructionResult, ProgressListener } from './types.js'

/** Recordings destroyed together. One batch shares its disk syncs and its transactions, so a larger batch is faster. */
const BATCH_SIZE = 500
/** Batches in progress at once. While one waits for the disk, another waits for the database. */
const CONCURRENT_BATCHES = 3
/** Delays before recordings that a store or the journal refused are tried again, ms. */
const RETRIES_MS = [500, 2_000, 5_000]

/**
 * Destroys recordings for good, on every mirror, with proof in the journal. Each recording goes through these steps, in
 * this order:
 *
 * 1. It is assigned to the act, under a lock that placing a hold also takes.
 * 2. Its key files are overwritten and removed.
 * 3. Its containers are removed.
 * 4. Its event and its entry in the act are written in one transaction.
 *
 * If the process is killed, `finishActs` finishes the act in the next run.
 *
 * A hold keeps a recording past its retention and from erasure. A hold does not keep a recording from its caller's
 * withdrawal. A recording that no store contains is left as it is, because the stores may be the wrong ones.
 *
 * @param ids each id once, in batches of any size; recordings that are destroyed already or never held audio are
 *   skipped
 * @param progress called after each batch
 * @returns after the last retry; recordings that failed every time are in `failed`
 * @throws AppError `db.unavailable`, `journal.refused`, and the errors of the database; the next purge then finishes
 *   the act
 */
export async function destroyRecordings(
  deps: DestroyDeps,
  request: DestructionRequest,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: ProgressListener = () => {},
): Promise<DestructionResult> {
  const act = newActId()
  const done = await trySessionLock(deps.db, lockOf(act), () =>
    destroyInAct(deps, act, request, ids, progress),
  )
  // No other process knows the id of this new act, so its lock is free.
  if (!done)
    throw new AppError('db.unavailable', 'The database did not give the lock of a new act. Try again.', {
      retryable: true,
    })
  return done
}

/**
 * Finishes the acts that an earlier run left open. A run leaves an act open when it is killed or when a store refuses.
 *
 * @param at holds in force at this moment keep recordings, ms since the epoch
 * @returns one result for each act, without those that another process is working on
 */
export async function finishActs(
  deps: DestroyDeps,
  at: number,
  progress: ProgressListener = () => {},
): Promise<DestructionResult[]> {
  const finished: DestructionResult[] = []
  let before = 0
  for (const { id, cause, reason, by } of await openActs(deps.db)) {
    const done = await trySessionLock(deps.db, lockOf(id), async () =>
      destroyInAct(deps, id, { cause, reason, by, at }, [await listUndestroyed(deps.db, id)], n =>
        progress(before + n),
      ),
    )
    if (!done) continue
    before += done.destroyed
    finished.push(done)
  }
  return finished
}

/** The lock of an act. Only the process that holds it works on the act. */
const lockOf = (act: ActId): SessionLock => ({ name: 'acts', item: act, purpose: 'act' })

async function destroyInAct(
  deps: DestroyDeps,
  act: ActId,
  request: DestructionRequest,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: ProgressListener,
): Promise<DestructionResult> {
  const held: RecordingId[] = []
  const missing: RecordingId[] = []
  const assigned = new Set<RecordingId>()
  const unfounded: RecordingId[] = []
  let failed: RecordingId[] = []
  let opened = false
  const destroyBatch = async (batch: readonly RecordingId[]): Promise<void> => {
    const at = request.at ?? deps.clock.now()
    const notFound =
      request.cause === 'withdrawal' || request.lost ? undefined : await findMissing(deps, batch, at)
    missing.push(...(notFound ?? []))
    const toDestroy = batch.filter(id => !notFound?.has(id))
    const found = await assignToAct(deps.db, act, request, toDestroy, at)
    held.push(...found.held)
    unfounded.push(...found.unfounded)
    opened ||= found.assigned.some(recording => recording.act === act)
    failed.push(...(await destroyAssigned(deps, found.assigned)))
    for (const { id } of found.assigned) assigned.add(id)
    progress(assigned.size - failed.length)
  }
  await runConcurrently(inBatches(ids), destroyBatch)
  for (const wait of RETRIES_MS) {
    if (failed.length === 0) break
    deps.log.warn({ act, recordings: failed.length }, 'recordings are not destroyed yet; trying again')
    await pause(wait)
    const retried = failed
    failed = []
    await runConcurrently(inBatches([retried]), destroyBatch)
  }
  if (failed.length > 0)
    deps.log.error(
      { act, recordings: failed.length },
      'recordings are not destroyed: check the stores; the next purge tries again',
    )
  if (unfounded.length > 0)
    deps.log.error(
      { act, recordings: unfounded.length },
      'recordings are not destroyed, because their act states a cause that the journal does not have: run consentry verify',
    )
  const number = await closeAct(deps, act)
  return {
    act: opened || number !== null ? act : null,
    number,
    destroyed: assigned.size - failed.length,
    held,
    failed: [...failed, ...unfounded],
    missing,
  }
}

/** @returns recordings that are not fully removed, or whose destruction the journal did not confirm */
async function destroyAssigned(
  deps: DestroyDeps,
  recordings: readonly ActRecording[],
): Promise<RecordingId[]> {
  if (recordings.length === 0) return []
  const incomplete = await removeAudio(deps, recordings)
  const destroyed = recordings.filter(({ id }) => !incomplete.has(id))
  const at = deps.clock.now()
  const events = destroyed.map(({ id, call, purpose, act, cause, parts }) =>
    withDeterministicId(
      event('recording.destroyed', call, at, {
        recording: id,
        purpose,
        act,
        cause,
        parts: parts.map(part => part.id),
      }),
      id,
    ),
  )
  try {
    await deps.journal.append(events, JOURNAL_CONFIRM_MS)
    return [...incomplete]
  } catch (error) {
    if (codeOf(error) === 'journal.refused') throw error
    deps.log.warn(
      { recordings: destroyed.length, code: codeOf(error) },
      'the journal did not confirm the destruction of recordings; trying again',
    )
    return recordings.map(({ id }) => id)
  }
}

/** Regroups the ids into batches of `BATCH_SIZE`. */
async function* inBatches(
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
): AsyncGenerator<RecordingId[]> {
  let batch: RecordingId[] = []
  for await (const some of ids) {
    for (const id of some) {
      batch.push(id)
      if (batch.length < BATCH_SIZE) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** Processes several items at once. After a failure it waits for the items in progress, then throws the first error. */
async function runConcurrently<T>(
  items: AsyncGenerator<T>,
  process: (item: T) => Promise<void>,
): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let item = await items.next(); !item.done; item = await items.next()) await process(item.value)
  }
  const results = await Promise.allSettled(Array.from({ length: CONCURRENT_BATCHES }, worker))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** Recordings searched for at once. */
const CONCURRENT_SEARCHES = 32

/** A recording that should be in the stores: it has parts, and none of them has been destroyed. */
type Candidate = Pick<ActRecording, 'id' | 'purpose' | 'due' | 'parts'>

/**
 * Finds the recordings that are missing from the stores: no container of any part, and no key of any part under any day
 * on any mirror. An act must not state that they are destroyed, because they may be in a store that this process does
 * not know.
 *
 * A recording whose caller withdrew is never among them. The withdrawal destroys its keys and containers before it
 * writes anything to the database.
 *
 * @param at recordings in progress at this moment are not searched for, ms since the epoch
 */
export async function findMissing(
  { db, store, keyStore }: Pick<DestroyDeps, 'db' | 'store' | 'keyStore'>,
  ids: readonly RecordingId[],
  at: number,
): Promise<ReadonlySet<RecordingId>> {
  const missing = new Set<RecordingId>()
  await inParallel(await selectCandidates(db, ids, at), CONCURRENT_SEARCHES, async recording => {
    // A store that fails here fails again in `removeAudio`, which reports the error.
    if (!(await hasTrace(recording).catch(() => true))) missing.add(recording.id)
  })
  if (missing.size === 0) return missing
  // Another process may have destroyed a recording meanwhile. It assigns the recording to its act before it removes anything.
  return new Set((await selectCandidates(db, [...missing], at)).map(({ id }) => id))

  async function hasTrace({ purpose, due, parts }: Candidate): Promise<boolean> {
    // The cheapest search comes first. It suffices for nearly every recording, and a purge searches for all of them.
    for (const { object, location } of parts) if (await archiveAt(store, location).has(object)) return true
    for (const { id } of parts) {
      if ((await keyStore.existingPaths({ purpose, due, part: id })).length > 0) return true
      if (await keyStore.find(id)) return true
    }
    return false
  }
}

async function selectCandidates(db: Db, ids: readonly RecordingId[], at: number): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select r.id, r.purpose, r.due, json_agg(json_build_object('id', p.id, 'object', p.object, 'location', p.location)) as parts
    from recording r
      join part p on p.recording_id = r.id
    where r.id = any(${ids})
      and (r.state in ('finished', 'truncated', 'held', 'blocked')
        or r.state = 'recording' and r.prepared_at < ${new Date(at - STALE_AFTER_MS)})
      and not ${isWithdrawn}
    group by r.id`.execute(db)
  return rows
}
