import { dayOf } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { type DestructionCause, event } from '../../core/events.js'
import type { ActId, RecordingId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { trySessionLock } from '../../db/session-lock.js'
import { keptRecordings } from '../../journal/read/holds-in-force.js'
import { isWithdrawn } from '../../journal/read/withdrawn.js'
import { discardActs } from '../destroy/acts.js'
import {
  type DestroyDeps,
  type DestructionRequest,
  type DestructionResult,
  destroyRecordings,
  finishActs,
  JOURNAL_CONFIRM_MS,
  STALE_AFTER_MS,
} from '../destroy/destroy.js'
import { type CertainDayDeps, requireCertainDay } from './day-check.js'
import { countExpiring, expirePersonalData } from './expire-personal-data.js'

/** What a purge works with. */
export type PurgeDeps = DestroyDeps &
  CertainDayDeps & {
    /** Personal data of a call is kept for this number of days from the beginning of the call. */
    personalDays: number
  }

/** Options of one purge. */
export interface PurgeOptions {
  /** The purge destroys what is due at this moment, ms since the epoch. */
  at: number
  /** Who runs the purge, for the act. */
  by: string
  /** Called with the number of recordings destroyed so far, and the number of all that are due. */
  progress?: (done: number, total: number) => void
  /** Recordings that no store contains are lost for good. The purge enters them into an act of their own. */
  lost?: boolean
  /** `by` confirms that the machine's clock is right, although the journal has no events just before the current time. */
  clockChecked?: boolean
  /** Ends the purge early when aborted. The next purge does the rest. */
  stopping?: AbortSignal
}

/** The result of a purge, or of its preview. */
export interface PurgeReport {
  /** Recordings to destroy: those that are due, and those that an earlier purge did not finish. */
  due: number
  destroyed: number
  /** Due, but kept by a hold or a block. */
  held: number
  /** Assigned to an act, but not destroyed yet. The next purge tries again. */
  failed: number
  /** Recordings that no store contains. They are left as they are. */
  missing: number
  /** Calls whose personal data is past its retention and is erased. */
  forgotten: number
  /** The last act of this purge. */
  act: ActId | null
  /** The number of that act. Null until the act is closed. */
  number: number | null
  /** Every act of this purge, closed or still open. */
  acts: { act: ActId; number: number | null; destroyed: number }[]
}

/** The reason that an act states. */
const REASONS: Record<DestructionCause, string> = {
  term: 'The storage period of the recordings has expired',
  withdrawal: 'The callers withdrew their consent',
  erasure: 'The persons concerned asked for erasure',
}

/** The reason that an act of lost recordings states. */
const lostReason = (cause: DestructionCause): string =>
  `${REASONS[cause]}; they were found in no store, and are lost: no key was there to be overwritten, no container to be removed`

/** Recordings between two checks whether the purge must stop. */
const SLICE_SIZE = 500

/**
 * Previews a purge at a moment. It uses the same plan as the purge.
 *
 * @param at ms since the epoch
 * @param personalDays see `PurgeDeps`
 */
export async function previewPurge(
  db: Db,
  { at, personalDays }: { at: number; personalDays: number },
): Promise<PurgeReport> {
  const plan = await planPurge(db, at)
  const due = countPlanned(plan) + (await countUndestroyed(db))
  return {
    due,
    destroyed: 0,
    held: plan.held.length,
    failed: 0,
    missing: 0,
    forgotten: await countExpiring(db, { at, personalDays }, [...plan.destroy.values()].flat()),
    act: null,
    number: null,
    acts: [],
  }
}

/**
 * Runs the purge. It does these steps, in this order:
 *
 * 1. It finishes the acts that earlier runs left open.
 * 2. It destroys the recordings that are due.
 * 3. It deletes acts that are past their own retention.
 * 4. It erases personal data that is past its retention.
 *
 * Only one purge runs at a time on one database.
 *
 * @returns undefined if another purge or a key rotation is running
 * @throws AppError `config.invalid` for a moment in the future; `clock.doubtful`, see `requireCertainDay`; `journal.*`,
 *   `db.unavailable`, and the errors of the database
 */
export async function runPurge(
  deps: PurgeDeps,
  { at, by, progress = () => {}, lost = false, clockChecked = false, stopping }: PurgeOptions,
): Promise<PurgeReport | undefined> {
  if (at > deps.clock.now()) await requireLab(deps.db)
  return trySessionLock(deps.db, { name: 'purge', purpose: 'purge' }, async () => {
    await requireCertainDay(deps, by, clockChecked)
    // A confirmation of the clock resets the time without events.
    const unseenMs = clockChecked ? 0 : (deps.day.unseenMs ?? 0)
    const plan = await planPurge(deps.db, at)
    const due = countPlanned(plan) + (await countUndestroyed(deps.db))
    const done = await finishActs(deps, Math.max(at, deps.clock.now()), n => progress(n, due))
    const destroy = async (
      request: DestructionRequest,
      ids: readonly RecordingId[],
    ): Promise<DestructionResult> => {
      const before = sum(done, ({ destroyed }) => destroyed)
      return destroyRecordings(deps, request, slicesUntilStopped(ids, stopping), n =>
        progress(before + n, due),
      )
    }
    for (const [cause, ids] of plan.destroy) {
      const found = await destroy({ cause, reason: REASONS[cause], by, at }, ids)
      const writeOffMissing = lost && found.missing.length > 0
      done.push(writeOffMissing ? { ...found, missing: [] } : found)
      if (writeOffMissing)
        done.push(await destroy({ cause, reason: lostReason(cause), by, at, lost }, found.missing))
    }
    await discardActs(deps, at)
    const { personalDays } = deps
    const forgotten = await expirePersonalData(deps, { at, personalDays, by, stopping })
    const report = { ...reportOf(done, plan.held.length), forgotten }
    if (report.missing > 0)
      deps.log.error(
        { recordings: report.missing },
        'recordings are due, but no store has them, so they are not destroyed: run consentry audit',
      )
    const { acts: _, number: __, ...data } = report
    const finished = event('purge.finished', null, deps.clock.now(), {
      at: new Date(at).toISOString(),
      ...data,
      ...(unseenMs > 0 && { unseenMs }),
    })
    await deps.journal.append([finished], JOURNAL_CONFIRM_MS)
    return report
  })
}

/** Splits the recordings into slices. A slice is so small that an aborted purge stops within two seconds. */
function* slicesUntilStopped(
  ids: readonly RecordingId[],
  stopping?: AbortSignal,
): Generator<readonly RecordingId[]> {
  for (let from = 0; from < ids.length && !stopping?.aborted; from += SLICE_SIZE)
    yield ids.slice(from, from + SLICE_SIZE)
}

function reportOf(done: readonly DestructionResult[], planHeld: number): Omit<PurgeReport, 'forgotten'> {
  const destroyed = sum(done, one => one.destroyed)
  const failed = sum(done, one => one.failed.length)
  const missing = sum(done, one => one.missing.length)
  const held = planHeld + sum(done, one => one.held.length)
  const acts = done.flatMap(({ act, number, destroyed }) => (act ? [{ act, number, destroyed }] : []))
  const [{ act, number } = { act: null, number: null }] = acts.toReversed()
  return { due: destroyed + failed + missing, destroyed, held, failed, missing, act, number, acts }
}

const sum = <T>(items: readonly T[], amount: (item: T) => number): number =>
  items.reduce((total, item) => total + amount(item), 0)

const countPlanned = ({ destroy }: PurgePlan): number => sum([...destroy.values()], ids => ids.length)

/** Counts the recordings that an earlier run assigned to an act and did not destroy. */
async function countUndestroyed(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from recording where state = 'destroying'`.execute(db)
  return rows[0]!.count
}

/** Refuses outside a lab. A purge for a future moment would break the retention that was promised to callers. */
async function requireLab(db: Db): Promise<void> {
  const lab = await db.selectFrom('lab').select('single').executeTakeFirst()
  if (lab) return
  throw new AppError(
    'config.invalid',
    'Only a lab may run a purge for a future moment. To see what it would destroy, use --dry-run.',
  )
}

/** A recording that the purge should destroy now. */
export interface DueRecording {
  recording: RecordingId
  /** The caller withdrew consent, or asked for erasure. Null: the due day has come. */
  revoked: 'withdrawal' | 'erasure' | null
  /** A hold or a block keeps the recording. */
  kept: boolean
}

/** The plan of a purge. */
interface PurgePlan {
  /** By cause, because each cause gets an act of its own. The order of the recordings is kept. */
  destroy: Map<DestructionCause, RecordingId[]>
  held: RecordingId[]
}

/** Plans a purge for a moment. @param at ms since the epoch */
export const planPurge = async (db: Db, at: number): Promise<PurgePlan> =>
  decideAboutDue(await listDueRecordings(db, at))

/**
 * Decides which due recordings are destroyed. A hold keeps a recording past its retention and from erasure. A hold does not keep
 * a recording whose caller withdrew consent.
 */
export function decideAboutDue(due: Iterable<DueRecording>): PurgePlan {
  const plan: PurgePlan = { destroy: new Map(), held: [] }
  for (const { recording, revoked, kept } of due) {
    const cause = revoked ?? 'term'
    if (kept && cause !== 'withdrawal') {
      plan.held.push(recording)
      continue
    }
    const same = plan.destroy.get(cause)
    if (same) same.push(recording)
    else plan.destroy.set(cause, [recording])
  }
  return plan
}

/**
 * Lists the recordings that are due at a moment: their due day has come (UTC), or their caller withdrew or asked for erasure.
 * Withdrawn and erased recordings come first, then the oldest due day. A recording in progress is listed only when it was
 * prepared more than a day ago, because its service is then lost.
 *
 * @param at ms since the epoch
 */
async function listDueRecordings(db: Db, at: number): Promise<DueRecording[]> {
  const moment = new Date(at)
  const { rows } = await sql<DueRecording>`
    with kept as materialized (select distinct recording from (${keptRecordings(moment)}) every)
    select r.id as recording, kept.recording is not null as kept,
      case when r.revoked_at is null then null when ${isWithdrawn} then 'withdrawal' else 'erasure' end as revoked
    from recording r
      left join act open on open.id = r.act and r.state = 'destroying' and open.closed_at is null
      left join kept on kept.recording = r.id
    where (r.due <= ${dayOf(at)} or r.revoked_at is not null) and (
      r.state in ('finished', 'truncated', 'held', 'blocked')
      or r.state = 'recording' and r.prepared_at < ${new Date(at - STALE_AFTER_MS)}
      -- Its act is gone, is closed, or states a withdrawal that the journal does not have.
      or r.state = 'destroying' and (open.id is null or open.cause = 'withdrawal' and not ${isWithdrawn}))
    order by r.revoked_at is null, r.due, r.id`.execute(db)
  return rows
}
