import { setTimeout as pause } from 'node:timers/promises'
import { AppError, codeOf } from '../shared/errors.js'
import { event, withDeterministicId } from '../shared/events.js'
import { type ActId, newActId, type RecordingId } from '../shared/ids.js'
import { CONFIRM_MS, closeAct, openActs, withActLock } from './acts.js'
import type { DestroyDeps, DestructionResult, DestructionRequest, ProgressListener } from './types.js'
import { listUndestroyed, type ActRecording, assignToAct } from './assign-to-act.js'
import { findMissing } from './find-missing.js'
import { removeAudio } from './remove-audio.js'

export { CONFIRM_MS } from './acts.js'
export type { DestroyDeps, DestructionResult as Destroyed, DestructionRequest as Destruction, ProgressListener as Progress } from './types.js'
export { STALE_AFTER_MS as STALE_AFTER } from './assign-to-act.js'

/** Recordings of one turn: their syncs and their transactions are shared. */
const BATCH_SIZE = 500
/** Turns at once: while one waits for the disk, another waits for the database. */
const CONCURRENT_BATCHES = 3
/** Waits before what a store or the journal refused is tried again, ms. */
const RETRIES_MS = [500, 2_000, 5_000]

/**
 * The one way in which recordings are destroyed: for good, on every mirror, provably. For each: marked under a lock that a hold
 * cannot pass, key overwritten and gone, container gone, event and entry in the act in one transaction. Killed anywhere,
 * the next run goes on from there; see `finishActs`.
 *
 * A hold keeps a recording from its term and from erasure, not from its caller's own withdrawal. One of which nothing is found
 * is left as it is: rather the stores are the wrong ones.
 *
 * @param ids each once, in batches of any size; what is gone already, or never held audio, is passed over
 * @returns once all is done that can be done now
 * @throws AppError `db.unavailable`, `journal.refused`, and what the database throws; what was begun is finished by the next purge
 */
export async function destroyRecordings(
  deps: DestroyDeps,
  what: DestructionRequest,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: ProgressListener = () => {},
): Promise<DestructionResult> {
  const act = newActId()
  const done = await withActLock(deps.db, act, () => destroyInAct(deps, act, what, ids, progress))
  // Nobody else can know this act.
  if (!done) throw new AppError('db.unavailable', 'The lock on a new act was not given', { retryable: true })
  return done
}

/**
 * Finishes the acts that an earlier run left open, because it was killed or a store refused.
 *
 * @returns what became of each act that nobody else is working on
 */
export async function finishActs(deps: DestroyDeps, progress: ProgressListener = () => {}): Promise<DestructionResult[]> {
  const finished: DestructionResult[] = []
  let before = 0
  for (const { id, cause, reason, by } of await openActs(deps.db)) {
    const done = await withActLock(deps.db, id, async () =>
      destroyInAct(deps, id, { cause, reason, by }, [await listUndestroyed(deps.db, id)], n => progress(before + n)),
    )
    if (!done) continue
    before += done.destroyed
    finished.push(done)
  }
  return finished
}

async function destroyInAct(
  deps: DestroyDeps,
  act: ActId,
  what: DestructionRequest,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: ProgressListener,
): Promise<DestructionResult> {
  const held: RecordingId[] = []
  const missing: RecordingId[] = []
  const assigned = new Set<RecordingId>()
  let failed: RecordingId[] = []
  let opened = false
  const destroyBatch = async (batch: readonly RecordingId[]): Promise<void> => {
    const at = what.at ?? deps.clock.now()
    const notFound = what.cause === 'withdrawal' || what.lost ? undefined : await findMissing(deps, batch, at)
    missing.push(...(notFound ?? []))
    const toDestroy = batch.filter(id => !notFound?.has(id))
    const found = await assignToAct(deps.db, act, what, toDestroy, at)
    held.push(...found.held)
    opened ||= found.marked.some(marked => marked.act === act)
    failed.push(...(await destroyAssigned(deps, what, found.marked)))
    for (const { id } of found.marked) assigned.add(id)
    progress(assigned.size - failed.length)
  }
  await runConcurrently(inBatches(ids), destroyBatch)
  for (const wait of RETRIES_MS) {
    if (failed.length === 0) break
    deps.log.warn({ act, recordings: failed.length }, 'not destroyed yet; trying again')
    await pause(wait)
    const retried = failed
    failed = []
    await runConcurrently(inBatches([retried]), destroyBatch)
  }
  if (failed.length > 0)
    deps.log.error({ act, recordings: failed.length }, 'not destroyed; the next purge tries again')
  const number = await closeAct(deps, act)
  return {
    act: opened || number !== null ? act : null,
    number,
    destroyed: assigned.size - failed.length,
    held,
    failed,
    missing,
  }
}

/** @returns those that are not gone, or of which the journal does not know it */
async function destroyAssigned(
  deps: DestroyDeps,
  what: DestructionRequest,
  marked: readonly ActRecording[],
): Promise<RecordingId[]> {
  if (marked.length === 0) return []
  const incomplete = await removeAudio(deps, marked)
  const destroyed = marked.filter(({ id }) => !incomplete.has(id))
  const at = deps.clock.now()
  const events = destroyed.map(({ id, call, purpose, act, parts }) =>
    withDeterministicId(
      event('recording.destroyed', call, at, {
        recording: id,
        purpose,
        act,
        cause: what.cause,
        parts: parts.map(part => part.id),
      }),
      id,
    ),
  )
  try {
    await deps.journal.append(events, CONFIRM_MS)
    return [...incomplete]
  } catch (error) {
    if (codeOf(error) === 'journal.refused') throw error
    deps.log.warn(
      { recordings: destroyed.length, code: codeOf(error) },
      'the journal did not take what was destroyed',
    )
    return marked.map(({ id }) => id)
  }
}

/** The same ids, in turns of even size. */
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

/** Some turns at once; the first failure ends it once those under way have ended. */
async function runConcurrently<T>(work: AsyncGenerator<T>, turn: (item: T) => Promise<void>): Promise<void> {
  const next = async (): Promise<void> => {
    for (let item = await work.next(); !item.done; item = await work.next()) await turn(item.value)
  }
  const runs = await Promise.allSettled(Array.from({ length: CONCURRENT_BATCHES }, next))
  for (const run of runs) if (run.status === 'rejected') throw run.reason
}
