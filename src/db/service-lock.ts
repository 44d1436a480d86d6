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
const LOOK_MS = 15_000

const LOCK = `select pg_try_advisory_lock(${LOCKS.service}, hashtext($1)) as held`
const REGISTER = `insert into service (id, node) values ($1, $2)
  on conflict (id) do update set node = excluded.node, started_at = now()`
/** Counts other services of the same name that run, so that their lock is held. pg_locks has the lock's two numbers as oids. */
const NAMESAKES = `select count(*)::int as count from service
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

interface Held {
  id: ServiceId
  node: string
  /** Gives the data folder another id. */
  renew(): Promise<ServiceId>
  /** As `CONFLICT_MS`, `LOOK_MS`. */
  conflictMs?: number
  lookMs?: number
}

/**
 * Registers a service under its id and holds the id's advisory lock, on a connection of its own, for as long as it runs. A data
 * folder whose id another running service holds is a copy, and gets a new id, so that calls and recordings of the other service
 * are not taken up here. If the database goes away later, the lock is taken again when it is back; nothing else changes.
 *
 * @throws AppError `db.unavailable`, or the database's error, where it does not answer now
 */
export async function holdServiceLock(db: Database, held: Held, log: Log): Promise<ServiceLock> {
  const { node, conflictMs = CONFLICT_MS, lookMs = LOOK_MS } = held
  let { id } = held
  let connection: Connection | undefined
  /** Since when another session has the lock, monotonic, ms. */
  let refusedAt: number | undefined
  let copied = false
  let namesakes = 0
  const ending = new AbortController()

  const ask = async <Row>(text: string, values: unknown[]): Promise<Row[]> => {
    const asked = connection
    if (!asked)
      throw new AppError('db.unavailable', 'the connection of the service lock was lost', { retryable: true })
    const silence = watchdog(ANSWER_MS, () => asked.cut())
    try {
      return (await asked.query<Row>(text, values)).rows
    } finally {
      silence()
    }
  }

  /** Takes the lock unless this service has it already: a session that asks twice would hold it twice. */
  async function take(): Promise<boolean> {
    if (connection) return true
    const opened = await db.connect('service lock')
    connection = opened
    opened.onLost(() => {
      if (connection === opened) connection = undefined
    })
    try {
      const [row] = await ask<{ held: boolean }>(LOCK, [id])
      if (row!.held) {
        refusedAt = undefined
        return true
      }
      refusedAt ??= performance.now()
    } catch (error) {
      await release()
      throw error
    }
    await release()
    return false
  }

  async function release(): Promise<void> {
    const last = connection
    connection = undefined
    await last?.close().catch(() => undefined)
  }

  const refusedFor = () => (refusedAt === undefined ? 0 : performance.now() - refusedAt)

  while (!(await take())) {
    if (refusedFor() > conflictMs) {
      log.error(
        { service: id },
        'another service runs with the id of this data folder: it is a copy, and gets its own',
      )
      id = await held.renew()
      refusedAt = undefined
    } else await pause(RETRY_MS)
  }
  try {
    await ask(REGISTER, [id, node])
  } catch (error) {
    await release()
    throw error
  }

  async function look(): Promise<void> {
    try {
      const have = await take()
      copied = !have && refusedFor() > conflictMs
      if (have) namesakes = (await ask<{ count: number }>(NAMESAKES, [id, node]))[0]!.count
    } catch (error) {
      await release()
      log.debug(
        { code: codeOf(error), reason: describeFailure(error) },
        'the lock of the service cannot be held now',
      )
    }
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      await look()
      await pause(lookMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined)
    }
  }
  const watching = watch()

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
      await watching
      await release()
    },
  }
}
