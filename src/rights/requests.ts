import { randomUUID } from 'node:crypto'
import { requireRight } from '../accounts/deeds.js'
import type { Deps } from '../accounts/deps.js'
import type { Actor } from '../core/actor.js'
import { type Clock, dayOf } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { event } from '../core/events.js'
import { isUuid } from '../core/ids.js'
import type { Db } from '../db/database.js'
import { appendIn } from '../journal/write/append-in.js'
import { meantNumber } from '../recordings/calls/check-number.js'
import { type DatingDeps, requireClockForDate } from '../recordings/retain/day-check.js'
import { daysLeft, dueOn, type Law, type RequestKind } from './deadlines.js'
import { listWithdrawnElsewhere, type WithdrawnElsewhere } from './withdrawn-elsewhere.js'

/** A request of a data subject, with its deadline. Days are `YYYY-MM-DD`. */
export interface RequestSummary {
  id: string
  number: string
  kind: RequestKind
  law: Law
  receivedOn: string
  dueOn: string
  /** Days left to answer: 0 on the last day, negative after it. Null once the request is closed. */
  daysLeft: number | null
  openedBy: string
  /** ISO 8601, UTC. */
  closedAt: string | null
  outcome: string | null
}

/**
 * Closes the erasure requests of a person. The caller of this function journals it in the same transaction.
 *
 * @returns the ids of the closed requests
 */
export async function closeErasureRequests(
  db: Db,
  number: string,
  { outcome, by }: { outcome: string; by: string },
): Promise<string[]> {
  const closed = await db
    .updateTable('rights_request')
    .set({ closed_at: new Date(), closed_by: by, outcome })
    .where('number', '=', number)
    .where('kind', '=', 'erasure')
    .where('closed_at', 'is', null)
    .returning('id')
    .execute()
  return closed.map(({ id }) => id)
}

/**
 * Lists requests, the most urgent first.
 *
 * @param now ms since the epoch
 * @param number lists all requests of this number; undefined: lists all open requests
 */
export async function listRequests(db: Db, now: number, number?: string): Promise<RequestSummary[]> {
  const rows = await db
    .selectFrom('rights_request')
    .selectAll()
    .$if(number === undefined, query => query.where('closed_at', 'is', null))
    .$if(number !== undefined, query => query.where('number', '=', number!))
    .orderBy('due_on')
    .orderBy('id')
    .execute()
  return rows.map(row => summaryOf(row, dayOf(now)))
}

/** A row of the table `rights_request`. */
export interface RequestRow {
  id: string
  number: string
  kind: RequestKind
  law: Law
  received_on: string
  due_on: string
  opened_by: string
  closed_at: Date | null
  outcome: string | null
}

/** @param today `YYYY-MM-DD` */
export const summaryOf = (row: RequestRow, today: string): RequestSummary => ({
  id: row.id,
  number: row.number,
  kind: row.kind,
  law: row.law,
  receivedOn: row.received_on,
  dueOn: row.due_on,
  daysLeft: row.closed_at ? null : daysLeft(row.due_on, today),
  openedBy: row.opened_by,
  closedAt: row.closed_at?.toISOString() ?? null,
  outcome: row.outcome,
})

export { KINDS, LAWS } from './deadlines.js'

/** The journal has each event in the transaction of its row, so that there are both or neither. */
type RequestDeps = Pick<Deps, 'db' | 'clock'>

/**
 * Opens a request. Its deadline counts from the day on which it came in.
 *
 * @param request.receivedOn the day on which the request came in, `YYYY-MM-DD`; by default today
 * @throws AppError `request.invalid` for an empty number; `rights.invalid` for a day in the future; `clock.doubtful`, see
 *   `requireClockForDate`; `journal.refused`; the errors of the database
 */
export async function openRequest(
  { db, clock, day }: RequestDeps & DatingDeps,
  actor: Actor,
  request: { number: string; kind: RequestKind; law: Law; receivedOn?: string | undefined },
): Promise<RequestSummary> {
  requireRight(actor, 'request.open')
  const { name: by } = actor
  const today = dayOf(clock.now())
  const { kind, law, receivedOn = today } = request
  const number = await meantNumber(db, request.number)
  await requireClockForDate({ day }, 'The request was not opened.')
  if (receivedOn > today)
    throw new AppError(
      'rights.invalid',
      `The request cannot have come in on ${receivedOn}: that day is in the future.`,
    )
  const due = dueOn(kind, law, receivedOn)
  return db.transaction().execute(async trx => {
    const row = await trx
      .insertInto('rights_request')
      .values({ id: randomUUID(), number, kind, law, received_on: receivedOn, due_on: due, opened_by: by })
      .returningAll()
      .executeTakeFirstOrThrow()
    const data = { request: row.id, kind, law, dueOn: due, by }
    await appendIn(trx, [event('request.received', null, clock.now(), data, { number })])
    return summaryOf(row, today)
  })
}

/**
 * Closes a request.
 *
 * @param outcome the answer to the request, in words
 * @throws AppError `not-found` if no request with this id is open; `journal.refused`; the errors of the database
 */
export async function closeRequest(
  { db, clock }: RequestDeps,
  actor: Actor,
  id: string,
  outcome: string,
): Promise<RequestSummary> {
  requireRight(actor, 'request.close')
  const { name: by } = actor
  return db.transaction().execute(async trx => {
    const row = isUuid(id)
      ? await trx
          .updateTable('rights_request')
          .set({ closed_at: new Date(clock.now()), closed_by: by, outcome })
          .where('id', '=', id)
          .where('closed_at', 'is', null)
          .returningAll()
          .executeTakeFirst()
      : undefined
    if (!row)
      throw new AppError('not-found', `No request with the id ${id} is open. See consentry rights list.`)
    await appendIn(trx, [event('request.closed', null, clock.now(), { request: id, outcome, by })])
    return summaryOf(row, dayOf(clock.now()))
  })
}

/** Pending requests and decisions, each the most urgent first. */
export interface OpenRequests {
  /** All open requests. */
  requests: RequestSummary[]
  /** Withdrawals whose callers are still heard in recordings of other callers. */
  withdrawn: WithdrawnElsewhere[]
}

/** Lists pending requests and decisions. */
export async function listOpenRequests({ db, clock }: { db: Db; clock: Clock }): Promise<OpenRequests> {
  const now = clock.now()
  return { requests: await listRequests(db, now), withdrawn: await listWithdrawnElsewhere(db, now) }
}
