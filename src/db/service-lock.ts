import { backgroundTimers, systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { NodeId } from '../core/ids.js'
import type { Log } from '../lib/log.js'
import { sleep } from '../lib/retry.js'
import type { Connection } from './connection.js'
import type { Database } from './database.js'
import { describeFailure } from './failure.js'
import { acquireSessionLock, holderOf, type SessionLock } from './session-lock.js'
import { watchdog } from './watchdog.js'

/** How long one query may take, ms. Short, so that a hung database delays neither the start nor the end of the service. */
const ANSWER_MS = 2_000
/**
 * A session that holds the lock for longer belongs to another running service, ms. PostgreSQL ends the session of a dead host
 * within 25 s.
 */
const CONFLICT_MS = 35_000
/** Wait between two attempts to get the lock at the start, ms. */
const RETRY_MS = 100
/** Wait between two heartbeats, ms. With each one, the lock and the other services' names are checked. */
const CHECK_MS = 10_000

/**
 * A commit that waits for a slow disk would seem to be a hung database, and cost the lock. A heartbeat need not survive
 * a crash.
 */
const ASYNCHRONOUS = 'set synchronous_commit = off'
/** Also registers the node again if a restored database does not have it. */
const BEAT = `insert into node (id, name, version) values ($1, $2, $3) on conflict (id) do update set seen_at = now()`
/** Counts other running services with the same name: those that hold the lock of their id. */
const COUNT_NAMESAKES = `select count(*)::int as count from node
  where name = $2 and id <> $1 and ${holderOf('service', 'node.id::text')}`

/** A node's registration in its database, its heartbeat, and the lock of the service that runs on it. */
export interface ServiceLock {
  readonly id: NodeId
  /** Whether another running service holds the same id. Then one of the two data folders is a copy of the other. */
  readonly copied: boolean
  /** How many other running services on this database have the same CONSENTRY_NODE. */
  readonly namesakes: number
  stop(): Promise<void>
}

const COPIED =
  'Another running service has the id of this data folder, so one of the two folders is a copy. A database serves one node: end the other service, or give this one an empty data folder and a database of its own.'

interface ServiceLockOptions extends Starting {
  /** As `CONFLICT_MS`, `CHECK_MS`. */
  conflictMs?: number
  checkMs?: number
}

/**
 * Registers a node under its id, holds the id's lock, and writes a heartbeat into the table of nodes every 10 s, until
 * `stop`. It has a connection of its own, so a hung database delays no other part of the service. If the connection is lost later, the lock is
 * acquired again once the database answers.
 *
 * @throws AppError `db.unavailable`, or the database's error, if the database does not answer at the start; `config.invalid` if another node
 *   works on it, or another running service has the id, so that one of the two data folders is a copy
 */
export async function holdServiceLock(
  db: Database,
  options: ServiceLockOptions,
  log: Log,
): Promise<ServiceLock> {
  const { id, node, version, conflictMs = CONFLICT_MS, checkMs = CHECK_MS } = options
  let connection: Connection | undefined
  /** When another session was first seen to hold the lock, monotonic, ms. */
  let conflictSince: number | undefined
  let copied = false
  let namesakes = 0
  const ending = new AbortController()

  const ask = async <T>(question: (connection: Connection) => Promise<T>): Promise<T> => {
    const current = connection
    if (!current)
      throw new AppError('db.unavailable', 'the connection of the service lock was lost', { retryable: true })
    const cancelWatchdog = watchdog(ANSWER_MS, () => current.cut())
    try {
      return await question(current)
    } finally {
      cancelWatchdog()
    }
  }
  const query = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    ask(async current => (await current.query<Row>(text, values)).rows)
  const lockOf = (item: NodeId): SessionLock => ({ name: 'service', item, purpose: 'service lock' })

  /** Acquires the lock. A session that already has it does not ask again, because it would then hold the lock twice. */
  async function acquire(): Promise<boolean> {
    if (connection) return true
    const opened = await db.connect(lockOf(id).purpose)
    connection = opened
    opened.onLost(() => {
      if (connection === opened) connection = undefined
    })
    try {
      await query(ASYNCHRONOUS)
      if (await ask(current => acquireSessionLock(current, lockOf(id)))) {
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
    if (conflictedFor() > conflictMs) throw new AppError('config.invalid', COPIED)
    await sleep(systemClock, RETRY_MS)
  }
  try {
    await registerNode(query, options)
  } catch (error) {
    await release()
    throw error
  }

  async function check(): Promise<void> {
    try {
      const acquired = await acquire()
      copied = !acquired && conflictedFor() > conflictMs
      if (!acquired) return
      await query(BEAT, [id, node, version])
      namesakes = (await query<{ count: number }>(COUNT_NAMESAKES, [id, node]))[0]!.count
    } catch (error) {
      await release()
      log.debug(
        { code: codeOf(error), reason: describeFailure(error) },
        'the service lock cannot be acquired now; the next check tries again',
      )
    }
  }

  async function checkRepeatedly(): Promise<void> {
    while (!ending.signal.aborted) {
      await check()
      await sleep(backgroundTimers, checkMs, ending.signal)
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

/** One query on the connection that holds the lock of this node's id. */
type Query = <Row>(text: string, values?: unknown[]) => Promise<Row[]>

/** The data that a node registers when it starts. */
interface Starting {
  id: NodeId
  /** Its name. */
  node: string
  /** Version of Consentry. */
  version: string
  /** The id of a node whose data folder is lost, and which this one replaces. */
  replaces?: string | undefined
}

/** Another node that works on the database. */
interface Other {
  id: string
  name: string
  seen_at: Date
  runs: boolean
}

const OTHERS = `select id, name, seen_at, ${holderOf('service', 'node.id::text')} as runs from node
  where id <> $1 and forgotten_at is null order by seen_at desc`
const REGISTER = `insert into node (id, name, version) values ($1, $2, $3) on conflict (id)
  do update set name = excluded.name, version = excluded.version, started_at = now(), seen_at = now(), forgotten_at = null`

/**
 * Registers a starting node, unless another node works on its database. A database serves one node: recordings on the
 * disks of one node seem to be missing to another, which would report or destroy them.
 *
 * @throws AppError `config.invalid` if there is another node, with what to do
 */
async function registerNode(query: Query, { id, node, version, replaces }: Starting): Promise<void> {
  await query('begin')
  try {
    // Of two nodes that first start at the same time, one sees the other.
    await query('lock table node in share row exclusive mode')
    const others = await query<Other>(OTHERS, [id])
    const inTheWay = others.find(other => other.id !== replaces || other.runs)
    if (inTheWay) throw new AppError('config.invalid', refusal(inTheWay))
    await query('update node set forgotten_at = now() where id = any($1)', [others.map(other => other.id)])
    await query(REGISTER, [id, node, version])
    await query('commit')
  } catch (error) {
    await query('rollback').catch(() => undefined)
    throw error
  }
}

function refusal({ id, name, seen_at: seen, runs }: Other): string {
  const end = runs ? ' It runs now, so end it first.' : ''
  return (
    `Another node works on this database: ${name} (${id}), last seen ${seen.toISOString()}. A database serves one node, because recordings, keys and waiting ` +
    `events are on the disks of that node. Start the service with the data folder of that node, or give it a database of its own.${end} ` +
    `If that data folder is lost for good, set CONSENTRY_REPLACES=${id}.`
  )
}
