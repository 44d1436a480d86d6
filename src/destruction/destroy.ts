import { setTimeout as pause } from 'node:timers/promises'
import { AppError, codeOf } from '../shared/errors.js'
import { event, withDeterministicId } from '../shared/events.js'
import { type ActId, newActId, type RecordingId } from '../shared/ids.js'
import { CONFIRM_MS, closeAct, openActs, withActLock } from './acts.js'
import type { DestroyDeps, Destroyed, Destruction, Progress } from './deps.js'
import { leftOf, type Marked, mark } from './mark.js'
import { findMissing } from './missing.js'
import { removeAudio } from './remove-audio.js'

export { CONFIRM_MS } from './acts.js'
export type { DestroyDeps, Destroyed, Destruction, Progress } from './deps.js'
export { STALE_AFTER } from './mark.js'

/** Recordings of one turn: their syncs and their transactions are shared. */
const BATCH = 500
/** Turns at once: while one waits for the disk, another waits for the database. */
const TURNS = 3
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
  what: Destruction,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: Progress = () => {},
): Promise<Destroyed> {
  const act = newActId()
  const done = await withActLock(deps.db, act, () => destroyUnder(deps, act, what, ids, progress))
  // Nobody else can know this act.
  if (!done) throw new AppError('db.unavailable', 'The lock on a new act was not given', { retryable: true })
  return done
}

/**
 * Finishes the acts that an earlier run left open, because it was killed or a store refused.
 *
 * @returns what became of each act that nobody else is working on
 */
export async function finishActs(deps: DestroyDeps, progress: Progress = () => {}): Promise<Destroyed[]> {
  const finished: Destroyed[] = []
  let before = 0
  for (const { id, cause, reason, by } of await openActs(deps.db)) {
    const done = await withActLock(deps.db, id, async () =>
      destroyUnder(deps, id, { cause, reason, by }, [await leftOf(deps.db, id)], n => progress(before + n)),
    )
    if (!done) continue
    before += done.destroyed
    finished.push(done)
  }
  return finished
}

async function destroyUnder(
  deps: DestroyDeps,
  act: ActId,
  what: Destruction,
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
  progress: Progress,
): Promise<Destroyed> {
  const held: RecordingId[] = []
  const missing: RecordingId[] = []
  const taken = new Set<RecordingId>()
  let failed: RecordingId[] = []
  let opened = false
  const turn = async (batch: readonly RecordingId[]): Promise<void> => {
    const at = what.at ?? deps.clock.now()
    const nowhere = what.cause === 'withdrawal' || what.lost ? undefined : await findMissing(deps, batch, at)
    missing.push(...(nowhere ?? []))
    const rest = batch.filter(id => !nowhere?.has(id))
    const found = await mark(deps.db, act, what, rest, at)
    held.push(...found.held)
    opened ||= found.marked.some(marked => marked.act === act)
    failed.push(...(await destroyMarked(deps, what, found.marked)))
    for (const { id } of found.marked) taken.add(id)
    progress(taken.size - failed.length)
  }
  await inTurns(batches(ids), turn)
  for (const wait of RETRIES_MS) {
    if (failed.length === 0) break
    deps.log.warn({ act, recordings: failed.length }, 'not destroyed yet; trying again')
    await pause(wait)
    const again = failed
    failed = []
    await inTurns(batches([again]), turn)
  }
  if (failed.length > 0)
    deps.log.error({ act, recordings: failed.length }, 'not destroyed; the next purge tries again')
  const number = await closeAct(deps, act)
  return {
    act: opened || number !== null ? act : null,
    number,
    destroyed: taken.size - failed.length,
    held,
    failed,
    missing,
  }
}

/** @returns those that are not gone, or of which the journal does not know it */
async function destroyMarked(
  deps: DestroyDeps,
  what: Destruction,
  marked: readonly Marked[],
): Promise<RecordingId[]> {
  if (marked.length === 0) return []
  const left = await removeAudio(deps, marked)
  const gone = marked.filter(({ id }) => !left.has(id))
  const at = deps.clock.now()
  const events = gone.map(({ id, call, purpose, act, parts }) =>
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
    return [...left]
  } catch (error) {
    if (codeOf(error) === 'journal.refused') throw error
    deps.log.warn(
      { recordings: gone.length, code: codeOf(error) },
      'the journal did not take what was destroyed',
    )
    return marked.map(({ id }) => id)
  }
}

/** The same ids, in turns of even size. */
async function* batches(
  ids: Iterable<readonly RecordingId[]> | AsyncIterable<readonly RecordingId[]>,
): AsyncGenerator<RecordingId[]> {
  let batch: RecordingId[] = []
  for await (const some of ids) {
    for (const id of some) {
      batch.push(id)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** Some turns at once; the first failure ends it once those under way have ended. */
async function inTurns<T>(work: AsyncGenerator<T>, turn: (item: T) => Promise<void>): Promise<void> {
  const next = async (): Promise<void> => {
    for (let item = await work.next(); !item.done; item = await work.next()) await turn(item.value)
  }
  const runs = await Promise.allSettled(Array.from({ length: TURNS }, next))
  for (const run of runs) if (run.status === 'rejected') throw run.reason
}
