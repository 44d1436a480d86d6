import { dayOf } from '../core/clock.js'
import type { Db } from '../db/database.js'
import { daysLeft, type Law, type RequestKind } from './deadlines.js'

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
