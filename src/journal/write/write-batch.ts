import { systemClock } from '../../core/clock.js'
import { type EventType, event } from '../../core/events.js'
import type { Secret } from '../../core/secret.js'
import { type Connection, connect } from '../../db/connection.js'
import { describeFailure, IN_FAILED_TRANSACTION, isRefusal, sqlState } from '../../db/failure.js'
import { watchdog } from '../../db/watchdog.js'
import type { Log } from '../../lib/log.js'
import { encodeEvent } from './encode-event.js'
import type { JournalCounts } from './journal-counts.js'
import { PROJECTION } from './projection.js'
import type { Entry, Queue } from './queue.js'
import { isRefused, refused } from './refused.js'

/** Most events of one transaction. Many events share one disk sync, and the transaction still takes only some 20 ms. */
export const BATCH_EVENTS = 500

/** Sends batches over one connection, one after the other, and settles their entries. */
export class BatchSender {
  readonly #database: JournalConnection
  readonly #counts: JournalCounts
  readonly #log: Log
  /** Number of next entries to send one by one, because the database refused one of them. */
  #sendSingly = 0

  constructor(database: JournalConnection, counts: JournalCounts, log: Log) {
    this.#database = database
    this.#counts = counts
    this.#log = log
  }

  /**
   * Sends one batch. If the database cannot write it, its entries go back to the queue and the connection is cut. If the
   * database refuses it, its entries are sent again one by one, and the entry at fault is dropped.
   *
   * @param queue the queue of `take`
   * @param take takes the batch, of at most `maxEvents` events
   * @returns why the batch was not written, or undefined if it was committed or refused
   */
  async send(queue: Queue, take: (maxEvents: number) => Entry[]): Promise<string | undefined> {
    const batch = take(this.#sendSingly > 0 ? 1 : BATCH_EVENTS)
    for (const entry of batch) entry.sent = true
    const rows = batch.flatMap(entry => entry.rows)
    const types = new Set(batch.flatMap(entry => entry.types))
    try {
      await this.#database.withStallLimit(connection => writeBatch(connection, rows, types))
    } catch (error) {
      const reason = describeFailure(error)
      if (!isRefused(error)) return this.#unwritten(queue, batch, reason)
      this.#refused(queue, batch, reason)
      return undefined
    }
    this.#committed(queue, batch)
    return undefined
  }

  /** Tests whether a database that refused every event accepts one now. Writes nothing and counts no refusal. */
  async retestRefusals(): Promise<void> {
    try {
      await this.#database.withStallLimit(connection => probeInsert(connection))
      this.#counts.refusedInRow = 0
    } catch (error) {
      if (!isRefusal(error)) this.#database.cut()
    }
  }

  #committed(queue: Queue, batch: Entry[]): void {
    this.#database.markWorking()
    this.#sendSingly = Math.max(0, this.#sendSingly - batch.length)
    this.#counts.batches++
    this.#counts.refusedInRow = 0
    queue.finish(batch)
    for (const entry of batch) {
      this.#counts.committed += entry.rows.length
      entry.settle()
    }
  }

  #refused(queue: Queue, batch: Entry[], reason: string): void {
    if (batch.length > 1) {
      // The transaction was rolled back. All entries except the one at fault must still be written.
      for (const entry of batch) entry.sent = false
      putBack(queue, batch)
      this.#sendSingly = batch.length
      return
    }
    this.#sendSingly = Math.max(0, this.#sendSingly - 1)
    queue.finish(batch)
    for (const { rows, types, settle } of batch) {
      this.#counts.refused += rows.length
      this.#counts.refusedInRow += rows.length
      this.#log.error({ types, reason }, 'the journal refused an event')
      settle(refused(types, reason))
    }
  }

  #unwritten(queue: Queue, batch: Entry[], reason: string): string {
    this.#counts.retries++
    putBack(queue, batch)
    this.#database.cut()
    this.#log.warn({ reason, waiting: queue.events }, 'a batch was not written; it is sent again')
    return reason
  }
}

/** Ends a batch and puts its entries back, except abandoned ones. */
function putBack(queue: Queue, batch: Entry[]): void {
  queue.finish(batch)
  queue.putBack(batch.filter(entry => !entry.abandoned))
}

/**
 * Inserts the events of a JSON array, `$1`, from `encodeEvent`. It stores the ids of the new ones, by type, in transaction settings, where
 * the next statements read them.
 */
export const INSERT = `
  with given as (
    select * from rows from (
      jsonb_to_recordset($1::jsonb)
        as (uuid uuid, call_id uuid, at timestamptz, type text, data jsonb, personal jsonb, salt text, personal_hash text)
    ) with ordinality as given (uuid, call_id, at, type, data, personal, salt, personal_hash, position)
  ), inserted as (
    insert into event (uuid, call_id, at, type, data, personal_hash)
    select uuid, call_id, at, type, data, decode(personal_hash, 'hex') from given order by position
    on conflict (uuid) do nothing
    returning id, uuid, type
  ), personal as (
    insert into event_personal (event, data, salt)
    select uuid, personal, decode(salt, 'hex') from inserted join given using (uuid) where personal is not null
    on conflict (event) do nothing
  )
  select count(*) as events, set_config('consentry.' || translate(type, '.-', '__'), array_agg(id)::text, true)
  from inserted group by type`

const insertedIds = (type: EventType) =>
  `nullif(current_setting('consentry.${type.replaceAll(/[.-]/g, '_')}', true), '')::bigint[]`

/** The statement after the insertion, for each event type that changes a table about calls. */
const PROJECTION_STATEMENTS = PROJECTION.map(({ type, sql }, i) => ({
  ...{ type, name: `project ${type} ${i}` },
  sql: sql.replaceAll('$1::bigint[]', insertedIds(type)),
}))

/**
 * Inserts events in one transaction, in the order given, and updates the tables about calls from those that are new to
 * the journal. All statements are sent in one round trip.
 *
 * @param rows from `encodeEvent`
 * @param types the event types among `rows`
 * @returns number of new events
 * @throws the database's error. After a refusal the connection is ready for the next batch; after any other error it is
 *   unusable.
 */
export async function writeBatch(
  connection: Connection,
  rows: readonly string[],
  types: ReadonlySet<EventType>,
): Promise<number> {
  const [, inserted, ...rest] = await runTransaction(connection, () => [
    connection.query('begin'),
    connection.query(INSERT, [`[${rows.join(',')}]`], 'journal insert'),
    ...PROJECTION_STATEMENTS.filter(({ type }) => types.has(type)).map(({ name, sql }) =>
      connection.query(sql, [], name),
    ),
    connection.query('commit'),
  ])
  if (rest.at(-1)!.command !== 'COMMIT') throw new Error('The transaction was not committed')
  return (inserted!.rows as { events: number }[]).reduce((sum, { events }) => sum + events, 0)
}

/**
 * Inserts events in a transaction that the caller begins and commits, for work that needs a lock of the caller.
 *
 * @param rows from `encodeEvent`; none of their types may change a table
 * @throws the database's error
 */
export const insertEvents = (connection: Connection, rows: readonly string[]): Promise<unknown> =>
  connection.query(INSERT, [`[${rows.join(',')}]`], 'journal insert')

/**
 * Tests whether the database answers, has our tables and lets us write them, by inserting no event.
 *
 * @throws the database's error
 */
export const probeTables = (connection: Connection): Promise<unknown> =>
  connection.query(INSERT, ['[]'], 'journal insert')

/**
 * Tests whether the database accepts an event: inserts one, checks its constraints as a commit does, and rolls back.
 *
 * @throws as `writeBatch`
 */
export async function probeInsert(connection: Connection): Promise<void> {
  const probe = event('alarm.cleared', null, systemClock.now(), { alarm: 'events-refused', stoodMs: 0 })
  await runTransaction(connection, () => [
    connection.query('begin'),
    connection.query(INSERT, [`[${encodeEvent(probe)}]`], 'journal insert'),
    connection.query('set constraints all immediate'),
    connection.query('rollback'),
  ])
}

/** Sends the statements of a transaction. Rolls back if the database refuses one. */
async function runTransaction<T>(connection: Connection, send: () => Promise<T>[]): Promise<T[]> {
  try {
    return await awaitStatements(send())
  } catch (error) {
    if (isRefusal(error)) await connection.query('rollback')
    throw error
  }
}

/** Waits for all statements. Throws the first failure that is not a consequence of the failed transaction. */
async function awaitStatements<T>(statements: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(statements)
  const failures = outcomes.filter(outcome => outcome.status === 'rejected').map(outcome => outcome.reason)
  if (failures.length > 0)
    throw failures.find(failure => sqlState(failure) !== IN_FAILED_TRANSACTION) ?? failures[0]
  return outcomes.map(outcome => (outcome as PromiseFulfilledResult<T>).value)
}

/**
 * Delays between attempts to connect, ms. The first attempt is immediate; then the delay doubles up to `longest`. The connection
 * keeps the delay itself, and not `retry`, because an attempt has succeeded only once a batch was committed.
 */
export const RETRY_MS = { first: 100, longest: 2_000 }

/**
 * Longest time of one transaction, ms. A sync delayed by a database checkpoint takes some hundred ms. A connection that has not
 * answered after this time counts as stuck and is replaced.
 */
const STALL_MS = 2_000

/** A connection that was idle for this long is tested, ms. */
export const IDLE_MS = 1_000

/** One connection of the journal to its database. It can be opened again after it was lost or cut. */
export class JournalConnection {
  readonly #url: Secret | string
  readonly #onLost: () => void
  readonly #purpose: string
  #connection: Connection | undefined
  #retryDelayMs = 0
  #answeredAt = performance.now()
  #writableAt = this.#answeredAt

  /**
   * @param onLost called when an open connection is lost
   * @param purpose shown in the database as application name
   */
  constructor(url: Secret | string, onLost: () => void, purpose = 'journal') {
    this.#url = url
    this.#onLost = onLost
    this.#purpose = purpose
  }

  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** Delay before the next `open`, ms. Grows with each `open` until the connection has worked. */
  get retryDelayMs(): number {
    return this.#retryDelayMs
  }

  /** Time since the database last answered, ms. */
  get silentMs(): number {
    return performance.now() - this.#answeredAt
  }

  /** Time since the database last proved that it accepts events, ms. */
  get unwritableMs(): number {
    return performance.now() - this.#writableAt
  }

  /** @throws AppError `db.unavailable` */
  async open(): Promise<void> {
    this.#retryDelayMs = Math.min(this.#retryDelayMs * 2 || RETRY_MS.first, RETRY_MS.longest)
    const opened = await connect(this.#url, this.#purpose)
    this.#answeredAt = performance.now()
    opened.onLost(() => {
      if (this.#connection !== opened) return
      this.#connection = undefined
      this.#onLost()
    })
    this.#connection = opened
  }

  /**
   * Runs `work` on the connection and cuts the connection if `work` takes longer than `STALL_MS`.
   *
   * @throws what `work` throws
   */
  async withStallLimit<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const cancelWatchdog = watchdog(STALL_MS, () => this.cut())
    try {
      return await work(this.#connection!)
    } finally {
      cancelWatchdog()
    }
  }

  /** Reports that the connection works. If it is lost, the next one is opened without delay. */
  markWorking(): void {
    this.#markAnswered()
    this.markWritable()
  }

  /** Reports that the database has just committed events over another connection. */
  markWritable(): void {
    this.#writableAt = performance.now()
  }

  /**
   * Tests whether the database answers, has our tables and lets us write them. If not, the connection is cut.
   *
   * @param provesWritable whether success also proves that the database accepts events. False while events are in
   *   flight.
   * @returns the fault in words; undefined if none exists
   */
  async probe(log: Log, provesWritable = true): Promise<string | undefined> {
    try {
      await this.withStallLimit(probeTables)
      this.#markAnswered()
      if (provesWritable) this.markWritable()
      return undefined
    } catch (error) {
      this.cut()
      const reason = describeFailure(error)
      log.warn({ reason }, 'the database does not answer or cannot be written; the journal reconnects')
      return reason
    }
  }

  #markAnswered(): void {
    this.#retryDelayMs = 0
    this.#answeredAt = performance.now()
  }

  cut(): void {
    this.#connection?.cut()
    this.#connection = undefined
  }

  async close(): Promise<void> {
    if (this.#connection) await this.withStallLimit(connection => connection.close())
    this.#connection = undefined
  }
}
