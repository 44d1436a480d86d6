import { setTimeout as pause } from 'node:timers/promises'
import { AppError, codeOf } from '../shared/errors.js'
import type { ServiceId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { Connection } from './connection.js'
import type { Database } from './database.js'
import { describeFailure } from './failure.js'
import { LOCKS } from './locks.js'
import { watchdog } from './watchdog.js'

/** How long one statement may take, ms: a database that hangs must not hold up the start or the end of the service. */
const ANSWER_MS = 2_000
/**
 * How long another session may hold the id before it counts as another service, ms. PostgreSQL ends the session of a dead
 * host in 25 s.
 */
const CONFLICT_MS = 35_000
/** From one try for the lock to the next at the start, ms. */
const RETRY_MS = 100
/** From one look at the lock and the names of other services to the next, ms. */
const CHECK_MS = 15_000

const TRY_LOCK = `select pg_try_advisory_lock(${LOCKS.service}, hashtext($1)) as held`
const REGISTER = `insert into service (id, node) values ($1, $2)
  on conflict (id) do update set node = excluded.node, started_at = now()`
/** Counts other services of the same name that run, so that their lock is held. pg_locks has the lock's two numbers as oids. */
const COUNT_NAMESAKES = `select count(*)::int as count from service
  where node = $2 and id <> $1 and exists (
    select from pg_locks
    where locktype = 'advisory' and objsubid = 2 and granted
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = ${LOCKS.service}
      and objid::bigint = hashtext(service.id::text)::bigint & 4294967295)`

/** The registration of this service in its database. */
export interface ServiceLock {
  readonly id: ServiceId
  /** Another running service holds the same id: one of the two data folders is a copy. */
  readonly copied: boolean
  /** How many other running services on this database have the same CONSENTRY_NODE. */
  readonly namesakes: number
  stop(): Promise<void>
}

interface ServiceLockOptions {
  id: ServiceId
  node: string
  /** Gives the data folder another id. */
  renewId(): Promise<ServiceId>
  /** As `CONFLICT_MS`, `LOOK_MS`. */
  conflictMs?: number
  checkMs?: number
}

/**
 * Registers a service under its id and holds the id's advisory lock, on a connection of its own, for as long as it runs. A data
 * folder whose id another running service holds is a copy, and gets a new id, so that calls and recordings of the other service
 * are not taken up here. If the database goes away later, the lock is taken again when it is back; nothing else changes.
 *
 * @throws AppError `db.unavailable`, or the database's error, where it does not answer now
 */
export async function holdServiceLock(db: Database, options: ServiceLockOptions, log: Log): Promise<ServiceLock> {
  const { node, conflictMs = CONFLICT_MS, checkMs: checkMs = CHECK_MS } = options
  let { id } = options
  let connection: Connection | undefined
  /** Since when another session has the lock, monotonic, ms. */
  let conflictSince: number | undefined
  let copied = false
  let namesakes = 0
  const ending = new AbortController()

  const query = async <Row>(text: string, values: unknown[]): Promise<Row[]> => {
    const current = connection
    if (!current)
      throw new AppError('db.unavailable', 'the connection of the service lock was lost', { retryable: true })
    const cancelWatchdog = watchdog(ANSWER_MS, () => current.cut())
    try {
      return (await current.query<Row>(text, values)).rows
    } finally {
      cancelWatchdog()
    }
  }

  /** Takes the lock unless this service has it already: a session that asks twice would hold it twice. */
  async function acquire(): Promise<boolean> {
    if (connection) return true
    const opened = await db.connect('service lock')
    connection = opened
    opened.onLost(() => {
      if (connection === opened) connection = undefined
    })
    try {
      const [row] = await query<{ held: boolean }>(TRY_LOCK, [id])
      if (row!.held) {
        conflictSince = undefined
        return true
      }
      conflictSince ??= performance.now()
    } catch (error) {
      await release()
      throw error
    }
    await release()
    return false
  }

  async function release(): Promise<void> {
    const released = connection
    connection = undefined
    await released?.close().catch(() => undefined)
  }

  const conflictedFor = () => (conflictSince === undefined ? 0 : performance.now() - conflictSince)

  while (!(await acquire())) {
    if (conflictedFor() > conflictMs) {
      log.error(
        { service: id },
        'another service runs with the id of this data folder: it is a copy, and gets its own',
      )
      id = await options.renewId()
      conflictSince = undefined
    } else await pause(RETRY_MS)
  }
  try {
    await query(REGISTER, [id, node])
  } catch (error) {
    await release()
    throw error
  }

  async function check(): Promise<void> {
    try {
      const acquired = await acquire()
      copied = !acquired && conflictedFor() > conflictMs
      if (acquired) namesakes = (await query<{ count: number }>(COUNT_NAMESAKES, [id, node]))[0]!.count
    } catch (error) {
      await release()
      log.debug(
        { code: codeOf(error), reason: describeFailure(error) },
        'the lock of the service cannot be held now',
      )
    }
  }

  async function checkRepeatedly(): Promise<void> {
    while (!ending.signal.aborted) {
      await check()
      await pause(checkMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined)
    }
  }
  const checking = checkRepeatedly()

  return {
    id,
    get copied() {
      return copied
    },
    get namesakes() {
      return namesakes
    },
    async stop() {
      ending.abort()
      await checking
      await release()
    },
  }
}
