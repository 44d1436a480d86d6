import type { DepsWith } from '../../accounts/deps.js'
import { type Clock, DAY_MS, systemClock } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { event } from '../../core/events.js'
import type { EventSink } from '../../core/ports.js'
import { type Db, sql } from '../../db/database.js'
import { holdsInForce } from '../../journal/read/holds-in-force.js'
import { ClockAnchor } from '../../lib/clock/clock-anchor.js'
import { clockOffMs } from '../../lib/clock/steady-clock.js'
import { withDeadline } from '../../lib/deadline.js'
import { counted } from '../../lib/plural.js'
import { publishedSize } from '../../log/log-files.js'
import { JOURNAL_CONFIRM_MS, STALE_AFTER_MS } from '../destroy/destroy.js'

/**
 * A result older than this is checked again, ms. An alarm therefore lasts at most this long after a person has
 * confirmed the clock.
 */
const MAX_AGE_MS = 60_000

interface DoubtDeps {
  db: Db
  clock: Pick<Clock, 'now' | 'elapsed'>
  /**
   * @returns how far the machine's clock is from the anchor that a service of this machine wrote, ms; 0 if both agree or if there
   *   is no anchor
   */
  offMs(): number
  /** @returns the size of the log that this machine published, see `publishedSize` */
  published(): Promise<number>
}

/** Why a date from the machine's clock would be wrong. */
export interface DateDoubt extends ClockDoubt {
  /** The clock is behind. Otherwise it is ahead. */
  behind: boolean
}

/** Checks whether the current day is certain. Recordings are destroyed because of their age only when it is. */
export class DayCheck {
  readonly #deps: DoubtDeps
  #last: ClockDoubt | undefined
  #checkedAt = Number.NEGATIVE_INFINITY
  #unseenMs = 0

  constructor(deps: DoubtDeps) {
    this.#deps = deps
  }

  /**
   * Compares the machine's clock with the anchor, PostgreSQL's clock and the times in the journal.
   *
   * @returns the first doubt; undefined if all agree
   * @throws the errors of the database
   */
  async check(): Promise<ClockDoubt | undefined> {
    this.#checkedAt = this.#deps.clock.elapsed()
    const { doubt, unseenMs } = await findDoubt(this.#deps)
    this.#unseenMs = unseenMs
    this.#last = doubt
    return doubt
  }

  /** Time without events that no person has confirmed, as of the last check, ms. */
  get unseenMs(): number {
    return this.#unseenMs
  }

  /**
   * Compares the machine's clock in the same way, before a date is made from it. A gap in the journal is no doubt here,
   * because the person who orders the date sees it.
   *
   * @returns a doubt, first that the clock is behind, then that it is ahead; undefined if it is right
   * @throws the errors of the database
   */
  async dateDoubt(): Promise<DateDoubt | undefined> {
    const doubts = await findDateDoubts(this.#deps)
    return doubts.find(({ behind }) => behind) ?? doubts[0]
  }

  /**
   * Whether the database has an older state than the published log, which a person has not confirmed.
   *
   * @returns the doubt; undefined if there is none
   * @throws the errors of the database
   */
  restoreDoubt(): Promise<ClockDoubt | undefined> {
    return findRestoreDoubt(this.#deps)
  }

  /** Starts another check if the last one is older than a minute. @returns the last result, without waiting */
  refresh(): ClockDoubt | undefined {
    const age = this.#deps.clock.elapsed() - this.#checkedAt
    // The error is ignored because a database that is away raises an alarm of its own.
    if (age >= MAX_AGE_MS) this.check().catch(() => undefined)
    return this.#last
  }
}

/** Longest wait for the file of the published checkpoint, ms. */
const READ_MS = 5_000

/**
 * Compares the database with the log that this machine published. After a restore or a failover the database may have
 * an older state: holds that were placed since are missing then, and rows of parts.
 *
 * @throws AppError `clock.doubtful` if the published checkpoint cannot be read in time; the errors of the database
 */
async function findRestoreDoubt({ db, clock, published }: DoubtDeps): Promise<ClockDoubt | undefined> {
  const error = () =>
    new AppError('clock.doubtful', 'The published checkpoint of the log could not be read in time.')
  const size = await withDeadline(published(), { clock: systemClock, ms: READ_MS, error })
  if (size === 0) return undefined
  const { rows } = await sql<{ signed: number; confirmed: boolean }>`
    select coalesce(max(size), 0)::float8 as signed,
      exists (select from event where type = 'clock.checked' and (data ->> 'published')::bigint >= ${size}) as confirmed
    from log_checkpoint`.execute(db)
  const { signed, confirmed } = rows[0]!
  if (size <= signed || confirmed) return undefined
  const detail = `The published log has ${counted(size, 'event', 'events')}, and the database has signed ${signed}: an older state was restored. ${HOW_TO_CONFIRM_RESTORE}`
  return { kind: 'restored', detail, published: size, at: clock.now() }
}

async function findDoubt(deps: DoubtDeps): Promise<{ doubt: ClockDoubt | undefined; unseenMs: number }> {
  const { at, now, jumped, database } = await compareClocks(deps)
  const doubtOf = (kind: ClockDoubt['kind'], detail: string | undefined) =>
    detail === undefined ? undefined : { kind, detail, at }
  const journal = await findJournalDoubt(deps.db, now)
  const restored = await findRestoreDoubt(deps)
  const doubt =
    doubtOf('jumped', jumped) ??
    doubtOf('database', database) ??
    restored ??
    doubtOf('journal', journal.doubt)
  return { doubt, unseenMs: journal.unseenMs }
}

async function findDateDoubts(deps: DoubtDeps): Promise<DateDoubt[]> {
  const { at, now, off, jumped, database } = await compareClocks(deps)
  const { certain, spans } = await timesInJournal(deps.db)
  const newest = Math.max(certain ?? now, ...spans.map(({ last }) => last))
  const doubtOf = (kind: ClockDoubt['kind'], behind: boolean, detail: string | undefined) =>
    detail === undefined ? [] : [{ kind, behind, detail, at }]
  return [
    ...doubtOf('jumped', off < 0, jumped),
    ...doubtOf('database', now < at, database),
    ...doubtOf('journal', true, behindDoubt(newest, now)),
  ]
}

/**
 * @returns the time of PostgreSQL and of the machine, ms since the epoch, how far the machine's is from the anchor, and
 *   the fault of the clock, if any
 */
async function compareClocks({ db, clock, offMs }: DoubtDeps) {
  const first = clock.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const now = clock.now()
  const at = rows[0]!.now.getTime()
  const off = offMs()
  const jumped = off === 0 ? undefined : jumpDoubt(off)
  return { at, now, off, jumped, database: databaseDoubt({ first, last: now }, at) }
}

async function findJournalDoubt(db: Db, now: number): Promise<JournalDoubt> {
  const { certain, spans, unseenMs } = await timesInJournal(db)
  // Without a certain event, the first event of the journal counts as certain.
  return journalDoubt(certain ?? Math.min(now, ...spans.map(({ first }) => first)), spans, now, unseenMs)
}

/**
 * @returns the last certain moment, ms since the epoch, if there is one; the time without events that was left then,
 *   ms; and the times of the events since then
 */
async function timesInJournal(
  db: Db,
): Promise<{ certain: number | undefined; unseenMs: number; spans: Span[] }> {
  const certain = await lastCertainEvent(db)
  const { rows } = await sql<{ first: Date; last: Date }>`
    select min(at) as first, max(at) as last from event where id > ${certain?.id ?? 0}
    group by (at at time zone 'UTC')::date`.execute(db)
  const spans = rows.map(({ first, last }) => ({ first: first.getTime(), last: last.getTime() }))
  return { certain: certain?.at.getTime(), unseenMs: certain?.unseen ?? 0, spans }
}

/** @returns the last event with a certain time: a purge, or the confirmation of the clock by a person */
async function lastCertainEvent(db: Db): Promise<{ id: number; at: Date; unseen: number } | undefined> {
  const { rows } = await sql<{ id: number; at: Date; unseen: number }>`
    select id, coalesce((data ->> 'unseenMs')::float8, 0) as unseen, case type when 'clock.settled' then at + (data ->> 'byMs')::float8 * interval '1 ms' else at end as at
    from event
    where type in ('purge.finished', 'clock.checked', 'clock.settled')
      and (type <> 'clock.settled' or data ->> 'how' = 'accepted')
    order by id desc limit 1`.execute(db)
  return rows[0]
}

/** What `requireCertainDay` works with. */
export interface CertainDayDeps {
  journal: EventSink
  clock: Clock
  day: Pick<DayCheck, 'check'> & Partial<Pick<DayCheck, 'unseenMs'>>
}

/**
 * Refuses unless the current day is certain. The purge calls it before it destroys anything because of its age.
 * Refusals and confirmations are journalled; the service has already journalled a jump as `clock.jumped`. The event of
 * a refusal carries PostgreSQL's time, because the machine's may be wrong.
 *
 * @param by the actor of the destruction
 * @param confirmed `by` confirms that the clock is right, although the newest events of the journal are old
 * @throws AppError `clock.doubtful`, `journal.*`, and the errors of the database
 */
export async function requireCertainDay(
  { journal, clock, day }: CertainDayDeps,
  by: string,
  confirmed: boolean,
): Promise<void> {
  const doubt = await day.check()
  if (!doubt) return
  if (confirmed && CONFIRMABLE.includes(doubt.kind)) {
    const { detail, published } = doubt
    const data = { by, doubt: detail, ...(published !== undefined && { published }) }
    const checked = event('clock.checked', null, clock.now(), data)
    return journal.append([checked], JOURNAL_CONFIRM_MS)
  }
  await refuse(journal, by, doubt)
}

/** @throws AppError `clock.doubtful`, `journal.*` */
async function refuse(journal: EventSink, by: string, { kind, detail, at }: ClockDoubt): Promise<never> {
  // The service has already journalled a jump (`clock.jumped`).
  if (kind !== 'jumped')
    await journal.append([event('purge.refused', null, at, { by, kind, doubt: detail })], JOURNAL_CONFIRM_MS)
  throw new AppError('clock.doubtful', `Nothing was destroyed. ${detail}`)
}

/** What `requireDayForErasure` works with. */
export interface ErasureDayDeps extends CertainDayDeps {
  db: Db
  day: CertainDayDeps['day'] & Pick<DayCheck, 'dateDoubt'> & Partial<Pick<DayCheck, 'restoreDoubt'>>
}

/**
 * As `requireCertainDay`, for an erasure. It refuses if the day affects what is kept: a hold has ended by the machine's
 * clock, or a recording in progress counts as left behind. An erasure does not depend on the age of recordings, so in
 * other cases a wrong clock destroys nothing more. It always refuses a clock that is behind, because the act would be
 * kept too short, and a database of an older state, because holds may be missing.
 *
 * @throws AppError `clock.doubtful`, `journal.*`, and the errors of the database
 */
export async function requireDayForErasure(deps: ErasureDayDeps, by: string): Promise<void> {
  const doubt = await deps.day.dateDoubt()
  if (doubt?.behind) return refuse(deps.journal, by, doubt)
  const restored = await deps.day.restoreDoubt?.()
  if (restored) return refuse(deps.journal, by, restored)
  if (await dayDecides(deps.db, deps.clock.now())) await requireCertainDay(deps, by, false)
}

/** What `requireClockForDate` works with. */
export interface DatingDeps {
  day: Pick<DayCheck, 'dateDoubt'>
}

/**
 * Refuses if a deadline or an end that is counted from now, or compared with now, would be wrong.
 *
 * @param refused the refused action, as a sentence
 * @throws AppError `clock.doubtful`, and the errors of the database
 */
export async function requireClockForDate({ day }: DatingDeps, refused: string): Promise<void> {
  const doubt = await day.dateDoubt()
  if (doubt) throw new AppError('clock.doubtful', `${refused} ${doubt.detail}`)
}

/** Whether an unreleased hold has ended at this moment, or a recording in progress is stale. */
async function dayDecides(db: Db, now: number): Promise<boolean> {
  const { rows } = await sql<{ decides: boolean }>`
    select exists (select from (${holdsInForce(new Date(0))}) unreleased
        where id not in (select id from (${holdsInForce(new Date(now))}) in_force))
      or exists (select from recording
        where state = 'recording' and prepared_at < ${new Date(now - STALE_AFTER_MS)}) as decides`.execute(db)
  return rows[0]!.decides
}

/** Why the current day is not certain. */
export interface ClockDoubt {
  /**
   * `jumped`: the clock differs from the anchor that a service of this machine wrote. `database`: it differs from
   * PostgreSQL's clock. `journal`: the journal has no events just before the current time, or has later ones.
   * `restored`: the database has an older state than the published log.
   */
  kind: 'jumped' | 'database' | 'journal' | 'restored'
  /** Text for people: both times, and what to do next. */
  detail: string
  /** The time of PostgreSQL's clock, ms since the epoch. */
  at: number
  /** Size of the published log, for `restored`. */
  published?: number
}

/**
 * How far the machine's clock and PostgreSQL's may differ, ms. NTP keeps clocks within a second. Retention is counted
 * in days, so five minutes do not matter to it. A jump of the machine's clock has the same limit.
 */
const MAX_DIFFERENCE_MS = 300_000
/** How far the clock may be behind a moment in the journal, ms. Two machines that agree with PostgreSQL differ by no more. */
const MAX_BEHIND_MS = 2 * MAX_DIFFERENCE_MS
/**
 * The longest time without an event after which the clock is still trusted, ms. A running service writes an event at
 * least each hour, so a longer time without events means that the machine was off. A week covers a long weekend. Times
 * without events add up until a person confirms the clock. Several starts with a wrong clock thus gain no more than
 * one. A wrong clock can therefore destroy recordings at most a week too early.
 */
const MAX_WITHOUT_EVENT_MS = 7 * DAY_MS
/** A shorter time without events is usual, ms. A running service writes one each hour. */
const USUAL_MS = 7_200_000
/**
 * This share of the time with events is subtracted from the sum of the times without events. A machine that is off for
 * an occasional weekend therefore needs no confirmation.
 */
const SUBTRACTED_SHARE = 0.25

/** The first and the last moment of a span of time, ms since the epoch. */
export interface Span {
  first: number
  last: number
}

const HOW_TO_CONFIRM =
  'The clock may be right: the machine may have been off, or a backup may have been restored. If it is right, place holds on recordings that must stay, then confirm the clock: consentry purge --clock-checked'

/**
 * Compares the machine's clock with PostgreSQL's.
 *
 * @param machine the machine's time just before and just after the query of PostgreSQL's time
 * @param database PostgreSQL's time, ms since the epoch
 * @returns a text for people that says what is wrong; undefined if the clocks agree
 */
export function databaseDoubt(machine: Span, database: number): string | undefined {
  const apart = Math.max(machine.first - database, database - machine.last)
  if (apart <= MAX_DIFFERENCE_MS) return undefined
  return `The machine's clock says ${iso(machine.last)}, PostgreSQL's says ${iso(database)}. One of them is wrong: set it right.`
}

const HOW_TO_CONFIRM_RESTORE =
  'Holds that were placed since are missing. Place them again, then confirm it: consentry purge --clock-checked'

/** A person can confirm these. In the other cases the clock is wrong. */
const CONFIRMABLE: readonly ClockDoubt['kind'][] = ['journal', 'restored']

/** What the times in the journal prove about the machine's clock. */
interface JournalDoubt {
  /** A text for people that states the fault; undefined if none exists. */
  doubt: string | undefined
  /** Time without events that no person has confirmed, ms. */
  unseenMs: number
}

/**
 * Compares the machine's clock with the times in the journal. The sum of the times without events, from the last
 * certain moment to now and left over from before, may not exceed `MAX_WITHOUT_EVENT_MS`.
 *
 * @param certain the last moment at which the time was certain, ms since the epoch
 * @param spans the times of the events since then
 * @param now the machine's time, ms since the epoch
 * @param beforeMs time without events that was left at the last certain moment, ms
 */
export function journalDoubt(
  certain: number,
  spans: readonly Span[],
  now: number,
  beforeMs = 0,
): JournalDoubt {
  let unseenMs = beforeMs
  const doubtful = (doubt: string): JournalDoubt => ({ doubt: `${doubt} ${HOW_TO_CONFIRM}`, unseenMs })
  const says = `The machine's clock says ${iso(now)}.`
  if (now < certain - MAX_BEHIND_MS)
    return doubtful(`${says} This is before the last certain time in the journal, ${iso(certain)}.`)
  const points = [certain, now].map(at => ({ first: at, last: at }))
  const [earliest, ...later] = [...points, ...spans].sort((one, other) => one.first - other.first)
  let reached = earliest!.last
  let seenMs = reached - earliest!.first
  for (const { first, last } of later) {
    const gapMs = first - reached
    if (gapMs > MAX_WITHOUT_EVENT_MS)
      return doubtful(
        `The journal has no events from ${iso(reached)} to ${iso(first)}, ${days(gapMs)}. ${says}`,
      )
    if (gapMs > USUAL_MS) {
      unseenMs = Math.max(0, unseenMs - seenMs * SUBTRACTED_SHARE) + gapMs
      seenMs = 0
    } else seenMs += Math.max(0, gapMs)
    if (unseenMs > MAX_WITHOUT_EVENT_MS)
      return doubtful(`The journal has times without events, ${days(unseenMs)} together. ${says}`)
    seenMs += Math.max(0, last - Math.max(reached, first))
    reached = Math.max(reached, last)
  }
  return { doubt: undefined, unseenMs: Math.round(Math.max(0, unseenMs - seenMs * SUBTRACTED_SHARE)) }
}

/**
 * Compares the machine's clock with the latest time in the journal.
 *
 * @param newest the latest of the last certain moment and the events since then, ms since the epoch
 * @param now the machine's time, ms since the epoch
 * @returns a text for people that says that the clock is behind; undefined if it is not
 */
export const behindDoubt = (newest: number, now: number): string | undefined =>
  now >= newest - MAX_BEHIND_MS
    ? undefined
    : `The machine's clock says ${iso(now)}. This is before the newest event in the journal, ${iso(newest)}. ${HOW_TO_CONFIRM}`

/**
 * @param offMs how far the machine's clock differs from the anchor, ms
 * @returns a text for people that says that the clock jumped
 */
const jumpDoubt = (offMs: number): string =>
  `The machine's clock differs by ${Math.round(offMs / 1000)} s from the time that the service kept. If the clock is right, remove run/clock.json in the data folder; see docs/operate.md. If it is wrong, set it right.`

const iso = (at: number): string => new Date(at).toISOString()
const days = (ms: number): string => counted(Math.floor(ms / DAY_MS), 'day', 'days')

/**
 * Makes the check of the current day for commands that destroy. It reads the anchor that a service on this machine
 * wrote.
 */
export const dayCheckOf = ({ db, clock, config }: DepsWith<'db' | 'clock', 'data' | 'log'>): DayCheck =>
  new DayCheck({
    ...{ db, clock },
    offMs: () => clockOffMs(clock, new ClockAnchor(config.data, clock.elapsed())),
    published: () => publishedSize(config.log.dir),
  })
