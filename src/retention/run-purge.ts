import { type Db, sql } from '../db/database.js'
import { LOCKS, tryAdvisoryLock } from '../db/locks.js'
import {
  CONFIRM_MS,
  type DestroyDeps,
  type Destroyed,
  type Destruction,
  destroyRecordings,
  finishActs,
} from '../destruction/destroy.js'
import { discardActs } from '../destruction/discard-acts.js'
import { AppError } from '../shared/errors.js'
import { type DestructionCause, event } from '../shared/events.js'
import type { ActId, RecordingId } from '../shared/ids.js'
import { type DayGate, mustBeCertain } from './day-check.js'
import { dueRecordings } from './due-recordings.js'
import { countForgotten, forgetCallers } from './forget-callers.js'
import { type PurgePlan, planPurge } from './plan-purge.js'

/** What a purge works on. */
export type PurgeDeps = DestroyDeps &
  DayGate & {
    /** Personal data is kept for so many days from the beginning of a call. */
    personalDays: number
  }

/** How a purge is run. */
export interface PurgeOptions {
  /** The moment for which it is made, ms since the epoch. */
  at: number
  /** Who does it, for the act. */
  by: string
  /** Hears how many recordings are gone so far, of how many. */
  progress?: (done: number, of: number) => void
  /** Those of which no store has anything are lost for good, and go into an act of their own. */
  lost?: boolean
  /** `by` says that the machine's clock is right, although it does not follow on the times in the journal. */
  clockChecked?: boolean
  /** Ends it early, once aborted; the next run does the rest. */
  stopping?: AbortSignal
}

/** What a purge did, or would do. */
export interface PurgeReport {
  /** Recordings that were, or will be, destroyed: those whose time is up, and what an earlier run left undone. */
  due: number
  destroyed: number
  /** Past their term, but kept. */
  held: number
  /** Marked, but not gone yet; the next run goes on with them. */
  failed: number
  /** Of which nothing was found: they are left as they are. */
  missing: number
  /** Calls whose personal data was, or will be, erased because its term was over. */
  forgotten: number
  /** The act of this run; of several, the last. */
  act: ActId | null
  /** Its number, once it is closed. */
  number: number | null
  /** Every act that this run closed, or left open. */
  acts: { act: ActId; number: number | null; destroyed: number }[]
}

/** What an act says of its reason. */
const REASONS: Record<DestructionCause, string> = {
  term: 'The storage period of the recordings has expired',
  withdrawal: 'The callers withdrew their consent',
  erasure: 'The persons concerned asked for erasure',
}

/** The same of recordings of which nothing was there to be destroyed. */
const lostReason = (cause: DestructionCause): string =>
  `${REASONS[cause]}; they were found in no store, and are lost: no key was there to be overwritten, no container to be removed`

/** Recordings after which a purge looks whether it should stop. */
const TURN = 500

/**
 * What the run would do at a moment, by the same plan.
 *
 * @param at ms since the epoch
 * @param personalDays see `PurgeDeps`
 */
export async function foretellPurge(
  db: Db,
  { at, personalDays }: { at: number; personalDays: number },
): Promise<PurgeReport> {
  const plan = planPurge(await dueRecordings(db, at))
  const due = countOf(plan) + (await leftovers(db))
  return {
    due,
    destroyed: 0,
    held: plan.held.length,
    failed: 0,
    missing: 0,
    forgotten: await countForgotten(db, { at, personalDays }, [...plan.destroy.values()].flat()),
    act: null,
    number: null,
    acts: [],
  }
}

/**
 * The retention run: finishes what earlier runs left, destroys what is due, discards acts that were kept for their time, erases
 * personal data that is past its term. One at a time in a cluster.
 *
 * @returns undefined if another one is at it
 * @throws AppError `config.invalid` for a moment that has not come; `clock.doubtful`, see `mustBeCertain`; `journal.*`,
 *   `db.unavailable`, and what the database throws
 */
export async function runPurge(
  deps: PurgeDeps,
  { at, by, progress = () => {}, lost = false, clockChecked = false, stopping }: PurgeOptions,
): Promise<PurgeReport | undefined> {
  if (at > deps.clock.now()) await mustBeLab(deps.db)
  return tryAdvisoryLock(deps.db, { number: LOCKS.purge, purpose: 'purge' }, async () => {
    await mustBeCertain(deps, by, clockChecked)
    const plan = planPurge(await dueRecordings(deps.db, at))
    const due = countOf(plan) + (await leftovers(deps.db))
    const done = await finishActs(deps, n => progress(n, due))
    const destroy = async (what: Destruction, ids: readonly RecordingId[]): Promise<Destroyed> => {
      const before = sum(done, ({ destroyed }) => destroyed)
      return destroyRecordings(deps, what, untilStopped(ids, stopping), n => progress(before + n, due))
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
    const forgotten = await forgetCallers(deps, { at, personalDays, by, stopping })
    const report = { ...sumUp(done, plan.held.length), forgotten }
    if (report.missing > 0)
      deps.log.error(
        { recordings: report.missing },
        'due, found in no store, and left as they are: run consentry audit',
      )
    const { acts: _, number: __, ...told } = report
    const finished = event('purge.finished', null, deps.clock.now(), {
      at: new Date(at).toISOString(),
      ...told,
    })
    await deps.journal.append([finished], CONFIRM_MS)
    return report
  })
}

/** Recordings in turns so short that a run which is told to stop does so within a second or two. */
function* untilStopped(
  ids: readonly RecordingId[],
  stopping?: AbortSignal,
): Generator<readonly RecordingId[]> {
  for (let from = 0; from < ids.length && !stopping?.aborted; from += TURN) yield ids.slice(from, from + TURN)
}

function sumUp(done: readonly Destroyed[], planHeld: number): Omit<PurgeReport, 'forgotten'> {
  const destroyed = sum(done, one => one.destroyed)
  const failed = sum(done, one => one.failed.length)
  const missing = sum(done, one => one.missing.length)
  const held = planHeld + sum(done, one => one.held.length)
  const acts = done.flatMap(({ act, number, destroyed }) => (act ? [{ act, number, destroyed }] : []))
  const [{ act, number } = { act: null, number: null }] = acts.toReversed()
  return { due: destroyed + failed + missing, destroyed, held, failed, missing, act, number, acts }
}

const sum = <T>(things: readonly T[], of: (thing: T) => number): number =>
  things.reduce((total, thing) => total + of(thing), 0)

const countOf = ({ destroy }: PurgePlan): number => sum([...destroy.values()], ids => ids.length)

/** Recordings that an earlier run marked and did not destroy. */
async function leftovers(db: Db): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select count(*) as left from recording where state = 'destroying'`.execute(db)
  return rows[0]!.left
}

/** Outside a lab, nobody may say that it is later than it is: the terms were promised to the callers. */
async function mustBeLab(db: Db): Promise<void> {
  const lab = await db.selectFrom('lab').select('single').executeTakeFirst()
  if (lab) return
  throw new AppError(
    'config.invalid',
    'A purge for a moment that has not come is for a lab only; use --dry-run',
  )
}
