import { randomUUID } from 'node:crypto'
import type { Db } from '../db/database.js'
import { dayOf } from '../shared/clock.js'
import { AppError } from '../shared/errors.js'
import { event } from '../shared/events.js'
import { isUuid } from '../shared/ids.js'
import { daysLeft, dueOn, type Law, type RequestKind } from './deadlines.js'
import { JOURNAL_TIMEOUT_MS, type RightsDeps } from './rights-deps.js'

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
 * Opens a request. Its deadline counts from the day on which it came in.
 *
 * @param request.receivedOn the day on which the request came in, `YYYY-MM-DD`
 * @throws AppError `rights.invalid` for a day in the future; `journal.*`; the request is then not opened
 */
export async function openRequest(
  { db, journal, clock }: RightsDeps,
  request: { number: string; kind: RequestKind; law: Law; receivedOn: string; by: string },
): Promise<RequestSummary> {
  const { number, kind, law, receivedOn, by } = request
  const today = dayOf(clock.now())
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
    await journal.append([event('request.received', null, clock.now(), data, { number })], JOURNAL_TIMEOUT_MS)
    return summaryOf(row, today)
  })
}

/**
 * Closes a request.
 *
 * @param closing.outcome the answer to the request, in words
 * @throws AppError `not-found` if no request with this id is open; `journal.*`; the request then stays open
 */
export function closeRequest(
  { db, journal, clock }: RightsDeps,
  id: string,
  { outcome, by }: { outcome: string; by: string },
): Promise<RequestSummary> {
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
    await journal.append(
      [event('request.closed', null, clock.now(), { request: id, outcome, by })],
      JOURNAL_TIMEOUT_MS,
    )
    return summaryOf(row, dayOf(clock.now()))
  })
}

/**
 * Closes the erasure requests of a person. The caller of this function journals it.
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
 * @param number lists all requests of this number; undefined: lists the open requests of everybody
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

interface Row {
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

const summaryOf = (row: Row, today: string): RequestSummary => ({
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
